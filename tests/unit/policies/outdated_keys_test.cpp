// A token that no present key verifies, while its issuer may have others by now.
#include "policies/outside.hpp"
#include "tests/unit/policies/jose_test_tokens.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace bearward::policies {
namespace {

using namespace std::chrono_literals;
using jose::algorithm;

constexpr time_point now{1'700'000'000s};

class outdated_keys : public ::testing::Test {
protected:
    outdated_keys() {
        by.rules.provider = "main";
        by.rules.algorithms = {algorithm::es256, algorithm::rs256};
        give("k-1");
    }

    void give(const std::string& id) {
        keys_of(by).replace(std::make_shared<const jose::key_set>(jose::test::keys_of(mine.jwk(algorithm::es256, id))));
    }
    static std::string token(const jose::signing_key& key, const std::string& id) {
        const std::string header = R"({"alg":"ES256")" + (id.empty() ? "" : R"(,"kid":")" + id + '"') + '}';
        return jose::test::mint(key, algorithm::es256, header, R"({"sub":"u-1","exp":1700000060})");
    }
    verification ask(const std::string& token, time_point at = now) {
        direct_outside around(at);
        return around.verify(by, token);
    }
    bool needs_keys(const std::string& token, time_point at = now) {
        const auto outcome = ask(token, at);
        return !outcome && std::holds_alternative<need>(outcome.error());
    }
    reason refused(const std::string& token) {
        const auto outcome = ask(token);
        const auto* const why = outcome ? nullptr : std::get_if<refusal>(&outcome.error());
        return why == nullptr ? reason::ok : why->why;
    }

    jose::signing_key mine = jose::signing_key::generate(algorithm::es256);
    jose::signing_key other = jose::signing_key::generate(algorithm::es256);
    provider by;
};

TEST_F(outdated_keys, are_none_where_nobody_fetches) {
    EXPECT_EQ(refused(token(other, "k-2")), reason::key_not_found);
    EXPECT_FALSE(keys_of(by).may_be_outdated(time_point::max() - 1ms));
}

TEST_F(outdated_keys, make_an_unknown_kid_a_need_from_their_time_on) {
    keys_of(by).outdated_from(now);
    EXPECT_TRUE(needs_keys(token(other, "k-2")));
    EXPECT_TRUE(needs_keys(token(other, "k-2"), now + 1h));
    EXPECT_FALSE(needs_keys(token(other, "k-2"), now - 1ms));
    const auto outcome = ask(token(other, "k-2"));
    const auto& lacking = std::get<need>(outcome.error());
    EXPECT_EQ(lacking.of, &by);
    EXPECT_EQ(lacking.what, need::kind::other_keys);
    EXPECT_EQ(lacking.detail, "no key with kid 'k-2'; there are 'k-1'");
    EXPECT_EQ(refuse_unmet(lacking).why, reason::keys_unavailable);
    EXPECT_EQ(refuse_unmet(lacking).cause, "provider 'main': newer keys can't be had; no key with kid 'k-2'; there are 'k-1'");
}

TEST_F(outdated_keys, say_nothing_of_a_token_that_verifies_or_whose_key_is_there) {
    keys_of(by).outdated_from(time_point::min());
    EXPECT_TRUE(ask(token(mine, "k-1")).has_value());
    EXPECT_EQ(refused(token(other, "k-1")), reason::signature_invalid) << "a known kid: no other key would help";
}

TEST_F(outdated_keys, say_nothing_of_what_no_key_would_help) {
    keys_of(by).outdated_from(time_point::min());
    EXPECT_EQ(refused("a.b.c"), reason::token_malformed);
    EXPECT_EQ(refused(jose::test::mint(other, algorithm::es256, R"({"alg":"ES256","crit":["x"]})", "{}")), reason::token_malformed);
    EXPECT_EQ(refused(jose::encode_base64url(R"({"alg":"none"})") + "." + jose::encode_base64url("{}") + ".c2ln"),
              reason::algorithm_not_allowed);
}

TEST_F(outdated_keys, make_a_token_without_kid_a_need) {
    EXPECT_EQ(refused(token(other, "")), reason::signature_invalid);
    keys_of(by).outdated_from(now);
    EXPECT_TRUE(needs_keys(token(other, "")));
    EXPECT_TRUE(ask(token(mine, "")).has_value());
}

TEST_F(outdated_keys, make_any_kid_a_need_where_no_key_of_the_set_has_one) {
    give("");
    EXPECT_EQ(refused(token(other, "k-1")), reason::signature_invalid);
    keys_of(by).outdated_from(now);
    EXPECT_TRUE(needs_keys(token(other, "k-1")));
    EXPECT_TRUE(ask(token(mine, "k-9")).has_value());
}

TEST_F(outdated_keys, a_known_kid_of_another_algorithm_is_no_need) {
    keys_of(by).outdated_from(time_point::min());
    const auto& rsa = jose::test::shared_key(algorithm::rs256);
    EXPECT_EQ(refused(jose::test::mint(rsa, algorithm::rs256, R"({"alg":"RS256","kid":"k-1"})", "{}")), reason::algorithm_not_allowed);
}

TEST_F(outdated_keys, that_were_replaced_meanwhile_refuse_nobody) {
    keys_of(by).outdated_from(time_point::min()); // a fetch is under way
    const auto with = keys_of(by).current();
    auto outcome = verify_with(by, with.keys.get(), token(mine, "k-2"));
    give("k-2"); // and ends here
    keys_of(by).outdated_from(now + 10s);
    const auto judged = unless_outdated(by, std::move(outcome), with.epoch, now);
    ASSERT_FALSE(judged.has_value());
    EXPECT_TRUE(std::holds_alternative<need>(judged.error())) << "asked again it is good";
    EXPECT_TRUE(ask(token(mine, "k-2")).has_value());
    EXPECT_EQ(refused(token(mine, "k-3")), reason::key_not_found) << "by the newest keys";
}

} // namespace
} // namespace bearward::policies
