#include "policies/explanation.hpp"
#include "policies/tokens/introspection.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearward::policies::tokens {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};

verification_rules opaque_rules() {
    verification_rules rules;
    rules.provider = "opaque";
    rules.require_expiry = false;
    rules.require_user = true;
    return rules;
}

/// What becomes of a token of which the endpoint says this: "unavailable" where that says nothing.
std::string verdict(std::string_view body, const verification_rules& rules = opaque_rules()) {
    const auto read = read_introspection(rules, body);
    if (!read) {
        return "unavailable";
    }
    if (!*read) {
        return std::string(to_string((*read).error().why));
    }
    return std::string(to_string(judge_token(rules, ***read, now, std::nullopt)));
}

TEST(introspection, an_active_token_is_whose_the_answer_says) {
    const auto read = read_introspection(opaque_rules(), R"({"active": true, "sub": "u-1", "tid": "t-1", "roles": ["reader"],
        "scope": "read write", "exp": 1700000060, "jti": "j-1", "client_id": "app", "token_type": "bearer"})");
    ASSERT_TRUE(read && *read);
    const verified_token& token = ***read;
    EXPECT_EQ(token.who.provider, "opaque");
    EXPECT_EQ(token.who.user, "u-1");
    EXPECT_EQ(token.who.tenant, "t-1");
    EXPECT_EQ(token.who.roles, std::vector<std::string>{"reader"});
    EXPECT_EQ(token.who.scopes, (std::vector<std::string>{"read", "write"}));
    EXPECT_EQ(token.expires, now + 60s);
    EXPECT_EQ(token.id, "j-1");
    EXPECT_EQ(token.who.claims.at("client_id"), "app");
    EXPECT_EQ(judge_token(opaque_rules(), token, now, std::nullopt), reason::ok);
}

TEST(introspection, an_inactive_token_is_refused_whatever_else_the_answer_says) {
    EXPECT_EQ(verdict(R"({"active": false})"), "token_inactive");
    EXPECT_EQ(verdict(R"({"active": false, "sub": "u-1", "exp": 1700000060})"), "token_inactive");
    EXPECT_EQ(verdict(R"({"active": false, "exp": "never"})"), "token_inactive");
}

TEST(introspection, an_answer_about_events_is_no_credentials) {
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u-1", "events": {}})"), "type_mismatch");
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u-1", "events": null})"), "ok");
}

TEST(introspection, an_answer_that_is_none_says_nothing_of_the_token) {
    for (const std::string_view body : {"",
                                        "{}",
                                        "null",
                                        "true",
                                        "[]",
                                        "[{\"active\": true}]",
                                        R"({"active": "true", "sub": "u"})",
                                        R"({"active": 1, "sub": "u"})",
                                        R"({"active": null, "sub": "u"})",
                                        R"({"Active": true, "sub": "u"})",
                                        R"({"active": true, "active": true, "sub": "u"})",
                                        R"({"active": false, "active": true, "sub": "u"})",
                                        R"({"active": true, "sub": "u", "sub": "v"})",
                                        R"({"active": true, "a": {"b": 1, "b": 2}, "sub": "u"})",
                                        R"({"active": true, "sub": "u")",
                                        R"({"active": true, "sub": "u"} x)",
                                        R"({"active": true, "sub": "u"}{"active": true})",
                                        R"({"active": true, "sub": "\ud800"})",
                                        "{\"active\": true, \"sub\": \"\xFF\"}",
                                        "\xEF\xBB\xBF{\"active\": true, \"sub\": \"u\"}",
                                        "<html>",
                                        "active=true"}) {
        EXPECT_EQ(verdict(body), "unavailable") << body;
    }
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "x": ")" + std::string(longest_introspection, 'x') + "\"}"), "unavailable");
}

TEST(introspection, the_dates_are_judged_as_a_tokens) {
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u"})"), "ok") << "the issuer says that it is active, and is asked again";
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "exp": 1699999969})"), "token_expired");
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "nbf": 1700000031})"), "token_not_yet_valid");
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "iat": 1700000031})"), "token_not_yet_valid");
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "exp": "1700000060"})"), "token_malformed");
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "exp": -1})"), "token_malformed");
}

TEST(introspection, the_claims_are_judged_as_a_tokens) {
    verification_rules rules = opaque_rules();
    rules.issuers.emplace_back("https://id.test/");
    rules.audiences = {"widgets"};
    rules.required_claims = {{.path = claim_path::parse("client_id").value(), .values = {"app"}}};
    const std::string rest = R"(, "sub": "u")";
    const std::string good = R"({"active": true, "iss": "https://id.test/", "aud": ["x", "widgets"], "client_id": "app")" + rest + "}";
    EXPECT_EQ(verdict(good, rules), "ok");
    EXPECT_EQ(verdict(R"({"active": true, "aud": "widgets", "client_id": "app")" + rest + "}", rules), "issuer_mismatch");
    EXPECT_EQ(verdict(R"({"active": true, "iss": "https://id.test/", "client_id": "app")" + rest + "}", rules), "audience_mismatch");
    EXPECT_EQ(verdict(R"({"active": true, "iss": "https://id.test/", "aud": "widgets")" + rest + "}", rules), "claim_missing");
    EXPECT_EQ(verdict(R"({"active": true, "iss": "https://id.test/", "aud": "widgets", "client_id": "b")" + rest + "}", rules),
              "claim_mismatch");
    EXPECT_EQ(verdict(R"({"active": true, "iss": "https://id.test/", "aud": 1, "client_id": "app")" + rest + "}", rules),
              "token_malformed");
    EXPECT_EQ(verdict(R"({"active": true})"), "claim_missing") << "no user";
    rules = opaque_rules();
    rules.require_user = false;
    EXPECT_EQ(verdict(R"({"active": true})", rules), "ok");
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "events": {}})"), "type_mismatch");
}

TEST(introspection, what_is_no_bearer_token_is_refused) {
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "cnf": {"jkt": "x"}})"), "binding_unverified");
    for (const std::string_view type : {"DPoP", "dpop", "PoP", "mac", "N_A"}) {
        EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "token_type": ")" + std::string(type) + "\"}"), "binding_unverified") << type;
    }
    EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "token_type": 1})"), "binding_unverified");
    for (const std::string_view type : {"\"Bearer\"", "\"bearer\"", "\"access_token\"", "null"}) {
        EXPECT_EQ(verdict(R"({"active": true, "sub": "u", "token_type": )" + std::string(type) + "}"), "ok") << type;
    }
}

TEST(introspection, is_explained) {
    explanation told;
    (void)read_introspection(opaque_rules(), R"({"active": false})", &told);
    ASSERT_EQ(told.steps().size(), 1U);
    EXPECT_EQ(told.steps()[0].why, reason::token_inactive);
}

TEST(introspection, a_question_is_a_form) {
    EXPECT_EQ(make_introspection_form("a.b-c_d~e+f/g==&x=y %\xC3"),
              "token=a.b-c_d%7Ee%2Bf%2Fg%3D%3D%26x%3Dy+%25%C3&token_type_hint=access_token");
}

} // namespace
} // namespace bearward::policies::tokens
