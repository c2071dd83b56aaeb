// Decisions that need something from outside: what they name, how often they are asked
// for, and what becomes of a need that nobody serves.
#include "policies/explanation.hpp"
#include "policies/inquiry.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/reason_table.hpp"
#include "tests/unit/policies/jose_test_tokens.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};

/// Verifies in earnest, and counts how often it is asked.
class counting_outside final : public outside {
public:
    counting_outside() : outside(policies::now) {}
    verification verify(const provider& by, std::string_view token) override {
        ++asked;
        return verify_with(by, keys_of(by).current().keys.get(), token);
    }
    std::optional<refusal> find_revocation(const provider& by, const tokens::verified_token& token) const override {
        return feed ? feed : outside::find_revocation(by, token);
    }
    std::optional<refusal> feed; ///< what another source than the provider's list says
    int asked = 0;
};

class need_test : public ::testing::Test {
protected:
    need_test() {
        for (const char* name : {"main", "late"}) {
            auto& by = rules.providers.emplace_back();
            by.rules.provider = name;
            by.rules.algorithms = {jose::algorithm::hs256};
        }
        rules.providers[1].names = {.header = "X-Token"};
        const std::string input =
            jose::encode_base64url(R"({"alg":"HS256","kid":"k-7"})") + '.' + jose::encode_base64url(R"({"sub":"u-1","exp":1700000060})");
        token = input + '.' + jose::encode_base64url(key.sign(jose::algorithm::hs256, input).value());
        bearer = "Bearer " + token;
        headers = {{"Authorization", bearer}, {"X-Token", token}};
    }

    rules::route& add(std::string_view pattern, std::uint32_t by = 0) {
        rules::route made;
        made.name = made.pattern = pattern;
        made.segments = rules::parse_pattern(pattern).value();
        made.providers = {by};
        made.credential_names = {rules.providers[by].names};
        return routes.emplace_back(std::move(made));
    }

    void give_keys(std::size_t provider) {
        keys_of(rules.providers[provider])
            .replace(std::make_shared<const jose::key_set>(jose::test::keys_of(key.jwk(jose::algorithm::hs256, "k-7"))));
    }

    decision ask(inquiry& asks, std::string_view path = "/", explanation* told = nullptr) {
        rules.routes = rules::route_table(routes, {}, {.ignore_case = true});
        requests::request_view request;
        request.method = "GET";
        request.path = requests::parse_path(path, {}, paths).value();
        request.host = "example.com";
        request.headers = headers;
        return asks.ask(request, rules, around, scratch, told);
    }

    jose::signing_key key = jose::signing_key::generate(jose::algorithm::hs256);
    std::string token;
    std::string bearer;
    std::vector<requests::header> headers;
    std::vector<rules::route> routes;
    snapshot rules;
    counting_outside around;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
};

TEST_F(need_test, a_provider_before_its_first_keys_names_itself_and_the_key) {
    add("/");
    inquiry asks;
    const decision made = ask(asks);
    const auto& lacking = std::get<need>(made);
    EXPECT_EQ(lacking.of, &rules.providers[0]);
    EXPECT_EQ(lacking.what, need::kind::keys);
    EXPECT_EQ(lacking.detail, "k-7");
}

TEST_F(need_test, keys_that_came_meanwhile_permit_at_the_second_ask) {
    add("/");
    inquiry asks;
    ASSERT_TRUE(std::holds_alternative<need>(ask(asks)));
    give_keys(0);
    const decision made = ask(asks);
    const auto* const leave = std::get_if<permit>(&made);
    ASSERT_NE(leave, nullptr);
    EXPECT_EQ(leave->who()->user, "u-1");
    EXPECT_EQ(around.asked, 2);
}

TEST_F(need_test, a_second_need_is_a_denial_that_says_when_to_try_again) {
    add("/");
    inquiry asks;
    ASSERT_TRUE(std::holds_alternative<need>(ask(asks)));
    for (int count = 0; count < 2; ++count) { // and stays so
        const decision made = ask(asks);
        const auto* const refused = std::get_if<denial>(&made);
        ASSERT_NE(refused, nullptr);
        EXPECT_EQ(refused->why, reason::keys_unavailable);
        EXPECT_EQ(refused->cause, "provider 'main' has no keys; the token's kid is 'k-7'");
        EXPECT_EQ(refused->retry_after, retry_unmet);
        EXPECT_EQ(refused->route->name, "/");
        EXPECT_EQ(answer_for(refused->why).status, 503U);
    }
}

TEST_F(need_test, who_can_get_nothing_asks_once_and_sees_why) {
    add("/");
    inquiry asks(false);
    explanation told;
    EXPECT_EQ(std::get<denial>(ask(asks, "/", &told)).why, reason::keys_unavailable);
    EXPECT_EQ(around.asked, 1);
    EXPECT_EQ(told.steps().back().check, "keys");
    EXPECT_EQ(told.steps().back().why, reason::keys_unavailable);
}

TEST_F(need_test, a_token_that_no_key_would_help_needs_none) {
    add("/");
    for (const auto& bad : {std::string("opaque"), std::string("a.b.c"), std::string(20'000, 'x')}) {
        bearer = "Bearer " + bad;
        headers = {{"Authorization", bearer}};
        inquiry asks;
        EXPECT_EQ(std::get<denial>(ask(asks)).why, reason::token_malformed) << bad.substr(0, 9);
    }
    const std::string none = jose::encode_base64url(R"({"alg":"RS256"})") + '.' + jose::encode_base64url("{}") + ".c2ln";
    bearer = "Bearer " + none;
    headers = {{"Authorization", bearer}};
    inquiry asks;
    EXPECT_EQ(std::get<denial>(ask(asks)).why, reason::algorithm_not_allowed);
}

TEST_F(need_test, a_set_without_the_tokens_key_is_no_need) {
    add("/");
    keys_of(rules.providers[0]).replace(std::make_shared<const jose::key_set>());
    inquiry asks;
    EXPECT_EQ(std::get<denial>(ask(asks)).why, reason::key_not_found);
}

TEST_F(need_test, a_need_of_what_an_app_may_read_instead_is_the_requests) {
    add("/");
    add("/admin", 1);
    give_keys(0);
    inquiry asks;
    const decision first = ask(asks, "/Admin");
    ASSERT_TRUE(std::holds_alternative<need>(first));
    EXPECT_EQ(std::get<need>(first).of, &rules.providers[1]);
    const decision unserved = ask(asks, "/Admin");
    EXPECT_EQ(std::get<denial>(unserved).why, reason::keys_unavailable);
    EXPECT_EQ(std::get<denial>(unserved).route->name, "/admin");
    EXPECT_THAT(std::get<denial>(unserved).cause, HasSubstr("provider 'late' has no keys"));

    inquiry again;
    ASSERT_TRUE(std::holds_alternative<need>(ask(again, "/Admin")));
    give_keys(1);
    EXPECT_TRUE(std::holds_alternative<permit>(ask(again, "/Admin")));
}

TEST_F(need_test, observe_all_notes_a_need_that_nobody_serves) {
    add("/").mode = rules::enforcement::observe_all;
    inquiry asks;
    ASSERT_TRUE(std::holds_alternative<need>(ask(asks))) << "it is worth a round all the same";
    const decision made = ask(asks);
    const auto* const leave = std::get_if<permit>(&made);
    ASSERT_NE(leave, nullptr);
    EXPECT_EQ(leave->observed(), reason::keys_unavailable);
    EXPECT_EQ(leave->who(), nullptr);
}

TEST_F(need_test, routes_without_authentication_need_nothing) {
    add("/").auth = rules::authentication::none;
    inquiry asks;
    EXPECT_TRUE(std::holds_alternative<permit>(ask(asks)));
    EXPECT_EQ(around.asked, 0);
}

TEST_F(need_test, the_outside_says_what_is_revoked) {
    add("/");
    give_keys(0);
    inquiry asks;
    EXPECT_TRUE(std::holds_alternative<permit>(ask(asks)));
    around.feed = refusal(reason::token_revoked, "a feed says so");
    const decision made = ask(asks);
    EXPECT_EQ(std::get<denial>(made).why, reason::token_revoked);
    EXPECT_EQ(std::get<denial>(made).cause, "a feed says so");
    EXPECT_EQ(std::get<denial>(made).who->user, "u-1");
}

TEST_F(need_test, revocations_that_can_not_be_had_are_a_503_and_when_to_ask_again) {
    add("/");
    give_keys(0);
    inquiry asks;
    around.feed = refusal(reason::revocation_unavailable, "Redis can't be reached");
    const decision made = ask(asks);
    EXPECT_EQ(std::get<denial>(made).why, reason::revocation_unavailable);
    EXPECT_EQ(answer_for(std::get<denial>(made).why).status, 503U);
    EXPECT_EQ(std::get<denial>(made).retry_after, retry_unmet);
    EXPECT_EQ(std::get<denial>(made).who->user, "u-1");
}

} // namespace
} // namespace bearward::policies
