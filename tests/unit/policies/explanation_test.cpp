// What an observer of a decision gets, and that it changes nothing.
#include "policies/explanation.hpp"

#include "jose_test_tokens.hpp"
#include "policies/rules/requirement_check.hpp"
#include "policies/rules/route_table.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// "check mark" for each step, "check mark reason" for those that refuse.
std::vector<std::string> lines_of(const explanation& told) {
    std::vector<std::string> lines;
    for (const step& each : told.steps()) {
        lines.push_back(each.check + ' ' + std::string(to_string(each.outcome)));
        if (each.outcome == step::mark::failed) {
            lines.back() += ' ' + std::string(to_string(each.why));
        }
    }
    return lines;
}

const step& step_of(const explanation& told, std::string_view check) {
    for (const step& each : told.steps()) {
        if (each.check == check) {
            return each;
        }
    }
    throw std::runtime_error("no step " + std::string(check));
}

rules::requirement with_roles(std::vector<std::string> roles) {
    rules::requirement made;
    made.roles = std::move(roles);
    return made;
}

TEST(explanation, tells_every_entry_of_a_requirement_with_both_values) {
    rules::requirement required = with_roles({"admin", "support"});
    required.tenant = rules::operand{"tenant_id", true};
    required.all_scopes = {"read", "write"};
    required.claims.push_back({.path = {"plan"}, .present_only = false, .values = {"pro"}});
    identity who;
    who.tenant = "t-1";
    who.roles = {"reader"};
    who.scopes = {"read"};
    who.claims = {{"plan", "free"}};
    const std::vector<rules::capture> captures{{.name = "tenant_id", .value = "t-2"}};

    explanation told;
    EXPECT_EQ(rules::check_requirement(required, who, captures, &told).why, reason::tenant_mismatch);
    EXPECT_THAT(lines_of(told), ElementsAre("tenant failed tenant_mismatch", "roles failed role_missing", "all_scopes failed scope_missing",
                                            "claims.plan failed claim_denied"));
    EXPECT_EQ(step_of(told, "tenant").found, "t-1");
    EXPECT_EQ(step_of(told, "tenant").expected, "t-2");
    EXPECT_EQ(step_of(told, "claims.plan").found, "free");
    EXPECT_EQ(step_of(told, "claims.plan").expected, (boost::json::array{"pro"}));
}

TEST(explanation, parts_hold_or_not_and_only_the_whole_fails) {
    rules::requirement required;
    required.any = {with_roles({"admin"}), with_roles({"reader"})};
    required.none = {with_roles({"reader"})};
    identity who;
    who.roles = {"reader"};
    explanation told;
    EXPECT_EQ(rules::check_requirement(required, who, {}, &told).why, reason::policy_denied);
    EXPECT_THAT(lines_of(told), ElementsAre("any[0].roles does_not_hold", "any[1].roles holds", "any ok", "not[0].roles holds",
                                            "not failed policy_denied"));
}

TEST(explanation, a_claim_named_with_dots_is_found_as_tokens_find_it) {
    rules::requirement required;
    required.claims.push_back({.path = {"https://example", "com/plan"}, .present_only = false, .values = {"pro"}});
    identity who;
    who.claims = {{"https://example.com/plan", "pro"}};
    EXPECT_EQ(rules::check_requirement(required, who, {}).why, reason::ok);
}

TEST(explanation, checks_of_a_token_are_told_in_the_order_in_which_they_count) {
    const auto& key = jose::test::shared_key(jose::algorithm::hs256);
    tokens::verification_rules by{
        .provider = "main", .issuers = {{"https://id/"}}, .audiences = {"widgets"}, .algorithms = {jose::algorithm::hs256}};
    const auto keys = jose::test::keys_of(key.jwk(jose::algorithm::hs256, ""));
    const auto token =
        jose::test::mint(key, jose::algorithm::hs256, R"({"iss": "https://other/", "aud": ["things"], "exp": 1000, "sub": "u-1"})");
    explanation told;
    const auto verified = tokens::verify_token(by, keys, token, &told);
    ASSERT_TRUE(verified);
    EXPECT_EQ(tokens::judge_token(by, **verified, time_point{2'000s}, {}, &told), reason::token_expired);
    EXPECT_THAT(lines_of(told), ElementsAre("form ok", "alg ok", "kid ok", "signature ok", "claims ok", "exp failed token_expired",
                                            "iss failed issuer_mismatch", "aud failed audience_mismatch", "typ ok", "lifetime ok"));
    EXPECT_EQ(step_of(told, "exp").found, "1970-01-01T00:16:40Z");
    EXPECT_EQ(step_of(told, "iss").found, "https://other/");
    EXPECT_EQ(step_of(told, "aud").expected, (boost::json::array{"widgets"}));
}

TEST(explanation, holds_nothing_of_a_signature) {
    const auto& key = jose::test::shared_key(jose::algorithm::hs256);
    const auto& other = jose::signing_key::generate(jose::algorithm::hs256);
    const tokens::verification_rules by{.provider = "main", .algorithms = {jose::algorithm::hs256}};
    const auto token = jose::test::mint(other, jose::algorithm::hs256, R"({"exp": 1000})");
    explanation told;
    EXPECT_EQ(tokens::verify_token(by, jose::test::keys_of(key.jwk(jose::algorithm::hs256, "")), token, &told).error().why,
              reason::signature_invalid);
    EXPECT_THAT(lines_of(told).back(), HasSubstr("signature failed"));
    for (const step& each : told.steps()) {
        const auto all = each.check + each.note + boost::json::serialize(each.found) + boost::json::serialize(each.expected);
        EXPECT_EQ(all.find(token.substr(token.rfind('.') + 1)), std::string::npos) << all;
    }
}

rules::route make_route(std::string name, std::string_view pattern, std::vector<std::string> hosts = {},
                        std::vector<std::string> methods = {}) {
    rules::route made;
    made.name = std::move(name);
    made.pattern = pattern;
    made.segments = rules::parse_pattern(pattern).value();
    made.hosts = std::move(hosts);
    made.methods = std::move(methods);
    return made;
}

TEST(explanation, routes_whose_path_fits_are_told_most_specific_first) {
    std::vector<rules::route> routes;
    routes.push_back(make_route("root", "/"));
    routes.push_back(make_route("a", "/a"));
    routes.push_back(make_route("capture", "/{x}/b"));
    routes.push_back(make_route("b_of_host", "/a/b", {"h.test"}));
    routes.push_back(make_route("b_post", "/a/b", {}, {"POST"}));
    routes.push_back(make_route("b_get", "/a/b", {}, {"GET"}));
    routes.push_back(make_route("c", "/c"));
    const rules::route_table table(std::move(routes));
    explanation told;
    EXPECT_EQ(table.find("/a/b/x", "other.test", "GET", 0, &told).matched->name, "b_get");
    EXPECT_THAT(lines_of(told), ElementsAre("b_post note", "b_get ok", "b_of_host note", "a note", "capture note", "root note"));
    EXPECT_THAT(step_of(told, "b_of_host").note, HasSubstr("host"));
    EXPECT_THAT(step_of(told, "b_post").note, HasSubstr("method"));
    EXPECT_THAT(step_of(told, "a").note, HasSubstr("less specific"));
}

TEST(explanation, of_thousands_of_routes_for_other_hosts_a_few_are_told) {
    std::vector<rules::route> routes;
    for (int index = 0; index < 5'000; ++index) {
        routes.push_back(make_route("r" + std::to_string(index), "/", {"h" + std::to_string(index) + ".test"}));
    }
    routes.push_back(make_route("mine", "/", {"mine.test"}));
    const rules::route_table table(std::move(routes));
    explanation told;
    EXPECT_EQ(table.find("/", "mine.test", "GET", 0, &told).matched->name, "mine");
    EXPECT_EQ(step_of(told, "mine").outcome, step::mark::ok);
    EXPECT_LE(told.steps().size(), 20U);
}

} // namespace
} // namespace bearward::policies
