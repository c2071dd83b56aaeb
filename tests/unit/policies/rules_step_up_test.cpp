// A requirement on the login itself (RFC 9470): how strong, how fresh.
#include "policies/explanation.hpp"
#include "policies/rules/requirement_check.hpp"
#include "policies/rules/step_up.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace bearward::policies::rules {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1'800'000'000s};

identity logged_in(std::string_view claims) {
    identity who;
    who.user = "u-1";
    who.roles = {"reader"};
    who.claims = boost::json::parse(claims).as_object();
    return who;
}

requirement wants_acr(std::vector<std::string> values) {
    requirement required;
    required.acr = std::move(values);
    return required;
}

requirement wants_age(std::chrono::seconds age) {
    requirement required;
    required.max_age = age;
    return required;
}

requirement wants_role(std::string role) {
    requirement required;
    required.roles = {std::move(role)};
    return required;
}

reason check(const requirement& required, std::string_view claims, std::chrono::milliseconds skew = 0ms) {
    operand_values values;
    values.now = now;
    values.clock_skew = skew;
    const identity who = logged_in(claims);
    const requirement_verdict made = check_requirement(required, who, values);
    EXPECT_EQ(made.why == reason::ok, made.holds == truth::yes);
    explanation told;
    EXPECT_EQ(check_requirement(required, who, values, &told).why, made.why) << "an observer changes nothing";
    return made.why;
}

TEST(step_up_test, any_of_the_classes_will_do) {
    const requirement required = wants_acr({"gold", "platinum"});
    EXPECT_FALSE(required.empty());
    EXPECT_EQ(check(required, R"({"acr": "gold"})"), reason::ok);
    EXPECT_EQ(check(required, R"({"acr": ["silver", "platinum"]})"), reason::ok);
    for (const auto* claims : {R"({})", R"({"acr": null})", R"({"acr": ""})", R"({"acr": "Gold"})", R"({"acr": "gold platinum"})",
                               R"({"acr": ["silver"]})", R"({"acr": {"gold": true}})", R"({"acr": true})"}) {
        EXPECT_EQ(check(required, claims), reason::step_up_required) << claims;
    }
}

TEST(step_up_test, a_login_is_fresh_up_to_its_age_and_the_skew) {
    const requirement required = wants_age(300s);
    EXPECT_EQ(check(required, R"({"auth_time": 1799999700})"), reason::ok);
    EXPECT_EQ(check(required, R"({"auth_time": 1799999699.5})"), reason::step_up_required);
    EXPECT_EQ(check(required, R"({"auth_time": 1799999670})", 30s), reason::ok);
    EXPECT_EQ(check(required, R"({"auth_time": 1799999669})", 30s), reason::step_up_required);
    EXPECT_EQ(check(required, R"({"auth_time": 1800000030})", 30s), reason::ok);
    EXPECT_EQ(check(required, R"({"auth_time": 1800000031})", 30s), reason::step_up_required) << "a login in the future is none";
    for (const auto* claims : {R"({})", R"({"auth_time": null})", R"({"auth_time": "1800000000"})", R"({"auth_time": -1})",
                               R"({"auth_time": [1800000000]})", R"({"auth_time": 1e300})"}) {
        EXPECT_EQ(check(required, claims), reason::step_up_required) << claims;
    }
}

TEST(step_up_test, it_comes_after_everything_else) {
    requirement required = wants_acr({"gold"});
    required.roles = {"admin"};
    EXPECT_EQ(check(required, "{}"), reason::role_missing);
    required.roles = {"reader"};
    EXPECT_EQ(check(required, "{}"), reason::step_up_required);
    required.none = {wants_role("reader")};
    EXPECT_EQ(check(required, "{}"), reason::policy_denied);
    required.none.clear();
    required.any = {wants_role("admin")};
    EXPECT_EQ(check(required, "{}"), reason::policy_denied);
}

TEST(step_up_test, inside_all_and_policies_it_is_the_reason_where_nothing_else_is_unmet) {
    requirement all;
    all.all = {wants_acr({"gold"}), wants_role("reader")};
    EXPECT_EQ(check(all, "{}"), reason::step_up_required);
    EXPECT_EQ(check(all, R"({"acr": "gold"})"), reason::ok);
    all.all = {wants_acr({"gold"}), wants_role("admin")};
    EXPECT_EQ(check(all, "{}"), reason::policy_denied);
    all.all = {wants_acr({"gold"})};
    all.none = {wants_role("reader")};
    EXPECT_EQ(check(all, "{}"), reason::policy_denied) << "what comes behind it is looked at as well";

    requirement named;
    named.policies = {"strong"};
    named.policy_requirements = {wants_age(60s)};
    EXPECT_EQ(check(named, "{}"), reason::step_up_required);
    named.policies = {"strong", "dangling"};
    EXPECT_EQ(check(named, "{}"), reason::policy_denied);

    requirement nested;
    nested.all = {named, wants_role("reader")};
    nested.all.front().policies = {"strong"};
    EXPECT_EQ(check(nested, "{}"), reason::step_up_required);

    requirement any;
    any.any = {wants_acr({"gold"}), wants_role("admin")};
    EXPECT_EQ(check(any, "{}"), reason::policy_denied);
    EXPECT_EQ(check(any, R"({"acr": "gold"})"), reason::ok);
}

TEST(step_up_test, under_not_what_can_not_be_read_is_not_met) {
    requirement required;
    required.none = {wants_acr({"gold"})};
    EXPECT_EQ(check(required, "{}"), reason::ok);
    EXPECT_EQ(check(required, R"({"acr": "gold"})"), reason::policy_denied);
    EXPECT_EQ(check(required, R"({"acr": {"gold": 1}})"), reason::policy_denied);
    required.none = {wants_age(60s)};
    EXPECT_EQ(check(required, "{}"), reason::ok);
    EXPECT_EQ(check(required, R"({"auth_time": "now"})"), reason::policy_denied);
}

TEST(step_up_test, the_challenge_asks_for_what_the_requirement_wants) {
    requirement required = wants_acr({"gold", "platinum"});
    required.max_age = 600s;
    required.all = {wants_age(300s)};
    required.policy_requirements = {wants_acr({"silver"})};
    const step_up found = find_step_up(required);
    EXPECT_EQ(found.acr_values, "gold platinum");
    EXPECT_EQ(found.max_age, 300s);
    requirement any;
    any.any = {wants_acr({"gold"})};
    EXPECT_EQ(find_step_up(any).acr_values, "");
    EXPECT_FALSE(find_step_up(any).max_age);
}

} // namespace
} // namespace bearward::policies::rules
