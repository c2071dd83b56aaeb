#include "policies/judge_notice.hpp"

#include "event_test_tokens.hpp"
#include "jose_test_tokens.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace bearward::policies {
namespace {

using jose::algorithm;
using jose::test::mint;
using jose::test::shared_key;
using tokens::test::logout_claims;
using tokens::test::now;

std::string header(std::string_view alg, std::string_view type = "logout+jwt") {
    return R"({"alg":")" + std::string(alg) + R"(","kid":"k-1","typ":")" + std::string(type) + R"("})";
}

std::string payload(std::string_view instead = "{}") {
    return boost::json::serialize(logout_claims(instead));
}

class judge_notice_test : public testing::Test {
protected:
    judge_notice_test() {
        by.path = "/.bearward/logout/main";
        by.signer.rules = tokens::test::rules_of();
        by.signer.rules.algorithms = {algorithm::es256, algorithm::rs256};
        by.signer.how = jwt_provider{ring};
        publish("k-1");
    }

    void publish(std::string_view id) const {
        ring->replace(std::make_shared<const jose::key_set>(jose::test::keys_of(shared_key(algorithm::es256).jwk(algorithm::es256, id))));
    }
    [[nodiscard]] notice_verdict judge(std::string_view token, on_need lacking = on_need::tell) const {
        return judge_notice(by, token, now, lacking);
    }
    [[nodiscard]] reason why(std::string_view token) const {
        const auto judged = judge(token);
        const auto* const refused = std::get_if<refusal>(&judged);
        return refused == nullptr ? reason::ok : refused->why;
    }
    [[nodiscard]] static std::string logout(std::string_view instead = "{}", std::string_view type = "logout+jwt") {
        return mint(shared_key(algorithm::es256), algorithm::es256, header("ES256", type), payload(instead));
    }

    std::shared_ptr<tokens::key_ring> ring = std::make_shared<tokens::key_ring>();
    revocation_receiver by;
};

TEST_F(judge_notice_test, a_genuine_logout_token_says_what_counts_no_longer) {
    const auto judged = judge(logout());
    ASSERT_TRUE(std::holds_alternative<tokens::issuer_notice>(judged));
    EXPECT_EQ(std::get<tokens::issuer_notice>(judged).entries.size(), 1U);
}

TEST_F(judge_notice_test, what_is_not_signed_by_the_issuer_is_refused) {
    EXPECT_EQ(why("x"), reason::token_malformed);
    EXPECT_EQ(why(""), reason::token_malformed);
    const std::string good = logout();
    EXPECT_EQ(why(good.substr(0, good.rfind('.') + 1)), reason::token_malformed);
    EXPECT_EQ(why(mint(jose::signing_key::generate(algorithm::es256), algorithm::es256, header("ES256"), payload())),
              reason::signature_invalid);
    std::string none = jose::encode_base64url(header("none")) + "." + jose::encode_base64url(payload()) + ".";
    EXPECT_EQ(why(none), reason::algorithm_not_allowed);
    EXPECT_EQ(why(none + "AAAA"), reason::algorithm_not_allowed);
    EXPECT_EQ(why(mint(shared_key(algorithm::hs256), algorithm::hs256, header("HS256"), payload())), reason::algorithm_not_allowed);
    EXPECT_EQ(why(mint(shared_key(algorithm::rs256), algorithm::rs256, header("RS256"), payload())), reason::algorithm_not_allowed)
        << "the key of this kid is for another algorithm";
}

TEST_F(judge_notice_test, an_access_token_is_no_logout_token_and_the_reverse) {
    EXPECT_EQ(why(logout(R"({"events": null})", "at+jwt")), reason::type_mismatch);
    EXPECT_EQ(why(logout(R"({"events": null})", "JWT")), reason::type_mismatch);
    auto rules = by.signer.rules;
    rules.types = {"logout+jwt", "JWT"};
    for (const char* type : {"logout+jwt", "JWT"}) {
        const auto verified = tokens::verify_token(rules, *ring->current().keys, logout("{}", type));
        ASSERT_TRUE(verified);
        EXPECT_EQ(tokens::judge_token(rules, **verified, now, std::nullopt), reason::type_mismatch) << type;
    }
}

TEST_F(judge_notice_test, keys_that_may_be_outdated_are_asked_for_before_anything_is_refused) {
    publish("k-2");
    EXPECT_EQ(why(logout()), reason::key_not_found);
    ring->outdated_from(now);
    const auto judged = judge(logout());
    ASSERT_TRUE(std::holds_alternative<need>(judged));
    EXPECT_EQ(std::get<need>(judged).of, &by.signer);
    const auto again = judge(logout(), on_need::refuse_again);
    ASSERT_TRUE(std::holds_alternative<refusal>(again));
    EXPECT_EQ(std::get<refusal>(again).why, reason::keys_unavailable);
    ring->replace(nullptr);
    EXPECT_TRUE(std::holds_alternative<need>(judge(logout())));
    EXPECT_EQ(why("x"), reason::token_malformed) << "no key would help";
}

TEST_F(judge_notice_test, an_event_that_is_older_than_hold_revokes_nothing) {
    by.takes = revocation_receiver::kind::events;
    by.hold = std::chrono::hours{24};
    const auto revoked = [&](int age) {
        const auto issued_at = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() - age;
        const auto judged = judge(logout(R"({"iat": )" + std::to_string(issued_at) + R"(, "sub_id": {"format": "opaque", "id": "u-1"},
            "events": {"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}}, "exp": null})",
                                         "secevent+jwt"));
        const auto* const notice = std::get_if<tokens::issuer_notice>(&judged);
        EXPECT_NE(notice, nullptr) << age;
        return notice == nullptr ? std::size_t{99} : notice->entries.size();
    };
    EXPECT_EQ(revoked(60), 1U);
    EXPECT_EQ(revoked(24 * 3600), 1U);
    EXPECT_EQ(revoked(24 * 3600 + 3600), 0U);
    EXPECT_EQ(revoked(3 * 365 * 24 * 3600), 0U);
}

TEST_F(judge_notice_test, a_receiver_is_found_by_its_whole_path) {
    snapshot rules;
    EXPECT_EQ(find_receiver(rules, "/.bearward/logout/main"), nullptr);
    rules.receivers.push_back(by);
    EXPECT_EQ(find_receiver(rules, "/.bearward/logout/main"), &rules.receivers[0]);
    EXPECT_EQ(find_receiver(rules, "/.bearward/logout/main/"), nullptr);
    EXPECT_EQ(find_receiver(rules, "/.bearward/logout"), nullptr);
    EXPECT_EQ(find_receiver(rules, "/.Bearward/logout/main"), nullptr);
}

} // namespace
} // namespace bearward::policies
