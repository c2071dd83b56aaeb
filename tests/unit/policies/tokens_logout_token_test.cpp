#include "policies/tokens/logout_token.hpp"

#include "event_test_tokens.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

namespace bearward::policies::tokens {
namespace {

using test::logout_claims;
using test::now;
using test::rules_of;

std::expected<issuer_notice, refusal> judge(std::string_view instead, std::optional<std::string> type = "logout+jwt",
                                            const verification_rules& rules = rules_of()) {
    return judge_logout_token(rules, {.claims = logout_claims(instead), .type = std::move(type)}, now);
}

reason why(std::string_view instead, std::optional<std::string> type = "logout+jwt") {
    const auto judged = judge(instead, std::move(type));
    return judged ? reason::ok : judged.error().why;
}

TEST(logout_token, ends_all_of_a_user_that_was_issued_until_then) {
    const auto judged = judge("{}");
    ASSERT_TRUE(judged) << judged.error().cause;
    EXPECT_EQ(judged->id, "n-1");
    EXPECT_EQ(judged->issued_at, time_point(std::chrono::seconds{1'799'999'990}));
    ASSERT_EQ(judged->entries.size(), 1U);
    EXPECT_EQ(to_member(judged->entries[0]), "sub:u-1 provider:main before:1799999990");
}

TEST(logout_token, with_a_session_ends_that_alone) {
    const auto judged = judge(R"({"sid": "s-1"})");
    ASSERT_TRUE(judged);
    ASSERT_EQ(judged->entries.size(), 1U);
    EXPECT_EQ(to_member(judged->entries[0]), "sid:s-1 provider:main before:1799999990");
    const auto alone = judge(R"({"sid": "s-1", "sub": null})");
    ASSERT_TRUE(alone);
    EXPECT_EQ(to_member(alone->entries[0]), "sid:s-1 provider:main before:1799999990");
}

TEST(logout_token, of_one_of_several_issuers_ends_that_ones_alone) {
    const auto parse = [](std::string_view text) { return *issuer_pattern::parse(text); };
    const auto rules = rules_of({parse("https://old.example.com/{tid}/"), parse("https://id.example.com/{tid}/v2.0")});
    const auto judged = judge(R"({"iss": "https://id.example.com/t-1/v2.0", "tid": "t-1"})", "logout+jwt", rules);
    ASSERT_TRUE(judged) << judged.error().cause;
    ASSERT_EQ(judged->entries.size(), 2U) << "the names that the same issuer has";
    EXPECT_EQ(to_member(judged->entries[0]), "sub:u-1 provider:main issuer:https://id.example.com/t-1/v2.0 before:1799999990");
    EXPECT_EQ(to_member(judged->entries[1]), "sub:u-1 provider:main issuer:https://old.example.com/t-1/ before:1799999990");
    EXPECT_FALSE(judge(R"({"iss": "https://id.example.com/t-1/v2.0", "tid": "t-2"})", "logout+jwt", rules));
    EXPECT_FALSE(judge(R"({"iss": "https://id.example.com/t-1/v2.0"})", "logout+jwt", rules));
}

TEST(logout_token, has_the_type_of_one_or_says_none) {
    for (const char* type : {"logout+jwt", "LOGOUT+JWT", "application/logout+jwt", "JWT", "jwt"}) {
        EXPECT_EQ(why("{}", type), reason::ok) << type;
    }
    EXPECT_EQ(why("{}", std::nullopt), reason::ok);
    for (const char* type : {"at+jwt", "secevent+jwt", "dpop+jwt", "", "logout", "application/"}) {
        EXPECT_EQ(why("{}", type), reason::type_mismatch) << type;
    }
}

TEST(logout_token, is_nothing_else_that_the_issuer_signs) {
    const std::vector<std::pair<const char*, reason>> refused{
        {R"({"events": null})", reason::type_mismatch},
        {R"({"events": "http://schemas.openid.net/event/backchannel-logout"})", reason::type_mismatch},
        {R"({"events": ["http://schemas.openid.net/event/backchannel-logout"]})", reason::type_mismatch},
        {R"({"events": {}})", reason::type_mismatch},
        {R"({"events": {"http://schemas.openid.net/event/backchannel-logout": null}})", reason::type_mismatch},
        {R"({"events": {"http://schemas.openid.net/event/backchannel-logout": "x"}})", reason::type_mismatch},
        {R"({"events": {"http://schemas.openid.net/event/backchannel-logout/": {}}})", reason::type_mismatch},
        {R"({"events": {"https://schemas.openid.net/event/backchannel-logout": {}}})", reason::type_mismatch},
        {R"({"events": {"http://schemas.openid.net/event/backchannel-logout": {}, "x": 1}})", reason::token_malformed},
        {R"({"nonce": "n"})", reason::type_mismatch},
        {R"({"nonce": 0})", reason::type_mismatch},
    };
    for (const auto& [claims, expected] : refused) {
        EXPECT_EQ(why(claims), expected) << claims;
    }
    EXPECT_EQ(why(R"({"events": {"http://schemas.openid.net/event/backchannel-logout": {"x": 1}, "https://x.example/": {}}})"), reason::ok);
}

TEST(logout_token, is_of_this_issuer_for_this_audience) {
    const std::vector<std::pair<const char*, reason>> refused{
        {R"({"iss": null})", reason::issuer_mismatch},
        {R"({"iss": "https://id.example.com"})", reason::issuer_mismatch},
        {R"({"iss": 1})", reason::claim_mismatch},
        {R"({"aud": null})", reason::audience_mismatch},
        {R"({"aud": "App"})", reason::audience_mismatch},
        {R"({"aud": []})", reason::audience_mismatch},
        {R"({"aud": ["other", "app2"]})", reason::audience_mismatch},
        {R"({"aud": 1})", reason::token_malformed},
        {R"({"aud": ["app", 1]})", reason::token_malformed},
    };
    for (const auto& [claims, expected] : refused) {
        EXPECT_EQ(why(claims), expected) << claims;
    }
    EXPECT_EQ(why(R"({"aud": ["other", "app"]})"), reason::ok);
}

TEST(logout_token, counts_for_a_short_time) {
    const std::vector<std::pair<const char*, reason>> cases{
        {R"({"iat": null})", reason::claim_missing},
        {R"({"iat": "1799999990"})", reason::token_malformed},
        {R"({"iat": -1})", reason::token_malformed},
        {R"({"iat": 1799999700})", reason::ok},
        {R"({"iat": 1799999699})", reason::token_expired},
        {R"({"iat": 1800000030})", reason::ok},
        {R"({"iat": 1800000031})", reason::token_not_yet_valid},
        {R"({"exp": null})", reason::claim_missing},
        {R"({"exp": 1799999971})", reason::ok},
        {R"({"exp": 1799999970})", reason::token_expired},
        {R"({"exp": "x"})", reason::token_malformed},
        {R"({"nbf": 1800000031})", reason::token_not_yet_valid},
        {R"({"nbf": 1800000030})", reason::ok},
    };
    for (const auto& [claims, expected] : cases) {
        EXPECT_EQ(why(claims), expected) << claims;
    }
}

TEST(logout_token, names_itself_and_whose_session_ends) {
    const std::vector<std::pair<const char*, reason>> refused{
        {R"({"jti": null})", reason::claim_missing},        {R"({"jti": ""})", reason::claim_mismatch},
        {R"({"jti": 1})", reason::claim_mismatch},          {R"({"sub": null})", reason::claim_missing},
        {R"({"sub": ""})", reason::claim_mismatch},         {R"({"sub": 7})", reason::claim_mismatch},
        {R"({"sub": "a\u0000b"})", reason::claim_mismatch}, {R"({"sid": ""})", reason::claim_mismatch},
        {R"({"sid": {}})", reason::claim_mismatch},         {R"({"sid": ["s"]})", reason::claim_mismatch},
    };
    for (const auto& [claims, expected] : refused) {
        EXPECT_EQ(why(claims), expected) << claims;
    }
}

TEST(logout_token, of_a_provider_without_issuer_says_one_all_the_same) {
    EXPECT_TRUE(judge(R"({"iss": "https://any.example/"})", "logout+jwt", rules_of({})));
    EXPECT_FALSE(judge(R"({"iss": null})", "logout+jwt", rules_of({})));
}

} // namespace
} // namespace bearward::policies::tokens
