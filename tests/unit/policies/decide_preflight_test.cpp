// What becomes of preflights: answered, forwarded, or requests like any other.
#include "policies/decide.hpp"
#include "policies/explanation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using namespace std::chrono_literals;
using requests::cors_use;
using testing::HasSubstr;

/// Preflights ask for no token.
class no_tokens final : public outside {
public:
    no_tokens() : outside(time_point(1'700'000'000s)) {}
    verification verify(const provider&, std::string_view) override { return std::unexpected(refusal(reason::signature_invalid)); }
};

class preflight_test : public ::testing::Test {
protected:
    preflight_test() {
        rules.providers.emplace_back().rules.provider = "main";
        rules.providers.emplace_back().names = {.header = "X-Token", .query_parameter = "key"};
        routes.reserve(8);
    }

    rules::route& add(std::string_view pattern, std::vector<std::string> methods = {}, cors_use use = cors_use::off) {
        rules::route& made = routes.emplace_back();
        made.pattern = pattern;
        made.name = pattern;
        for (const std::string& each : methods) {
            made.name += " " + each;
        }
        made.segments = rules::parse_pattern(pattern).value();
        made.methods = std::move(methods);
        made.providers = {0};
        made.credential_names = {requests::credential_names{}};
        made.cors.use = use;
        if (use == cors_use::rules) {
            auto cors = std::make_shared<requests::cors_rules>();
            cors->origins = {requests::parse_accepted_origin("https://app.test").value()};
            made.cors.rules = std::move(cors);
        }
        return made;
    }

    decision run(std::string_view path, std::string_view asked, std::string_view method = "OPTIONS") {
        rules.routes = rules::route_table(routes, {}, {.ignore_case = true, .ignore_final_slash = true});
        rules.has_preflights = true;
        request.method = method;
        request.path = requests::parse_path(path, rules.path_reading, paths).value();
        request.query = query;
        request.host = "example.com";
        headers = {{"Origin", origin}, {"Access-Control-Request-Method", asked}};
        headers.insert(headers.end(), more.begin(), more.end());
        request.headers = headers;
        told = {};
        return decide(request, rules, source, on_need::refuse, scratch, &told);
    }

    /// "answered ROUTE", "passes ROUTE", "permitted ROUTE" or "REASON ROUTE".
    std::string outcome(std::string_view path, std::string_view asked, std::string_view method = "OPTIONS") {
        const decision made = run(path, asked, method);
        if (const auto* answered = std::get_if<preflight>(&made)) {
            return "answered " + answered->route->name;
        }
        if (const auto* leave = std::get_if<permit>(&made)) {
            EXPECT_EQ(leave->why(), reason::public_route);
            EXPECT_EQ(leave->who(), nullptr);
            return (leave->preflight() ? "passes " : "permitted ") + leave->route().name;
        }
        const auto& refused = std::get<denial>(made);
        return std::string(to_string(refused.why)) + (refused.route == nullptr ? "" : " " + refused.route->name);
    }

    snapshot rules;
    std::vector<rules::route> routes;
    no_tokens source;
    std::string_view origin = "https://app.test";
    std::vector<requests::header> headers;
    std::vector<requests::header> more;
    std::string query;
    requests::request_view request;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
    explanation told;
};

TEST_F(preflight_test, is_answered_without_a_credential) {
    add("/", {}, cors_use::rules).require.roles = {"admin"};
    EXPECT_EQ(outcome("/x", "PUT"), "answered /");
    origin = "https://evil.test"; // its answer says nothing, and refuses nothing
    EXPECT_EQ(outcome("/x", "PUT"), "answered /");
    more = {{"Authorization", "Bearer forged"}, {"Authorization", "Bearer twice"}};
    EXPECT_EQ(outcome("/x", "PUT"), "answered /");
}

TEST_F(preflight_test, has_the_route_of_the_method_that_it_asks_about) {
    add("/x", {"GET"}, cors_use::rules);
    add("/x", {"PUT"}, cors_use::passes);
    add("/x", {"OPTIONS"});
    EXPECT_EQ(outcome("/x", "GET"), "answered /x GET");
    EXPECT_EQ(outcome("/x", "HEAD"), "answered /x GET");
    EXPECT_EQ(outcome("/x", "PUT"), "passes /x PUT");
    EXPECT_EQ(outcome("/x", "DELETE"), "method_not_allowed");
    EXPECT_EQ(outcome("/none", "GET"), "no_route");
}

TEST_F(preflight_test, without_cors_is_a_request_with_the_route_of_its_own_method) {
    add("/x", {"GET"}).auth = rules::authentication::none;
    add("/x", {"OPTIONS"}).require.roles = {"admin"};
    add("/y", {"GET"}, cors_use::rules);
    // Else the public GET would open OPTIONS, which the app may take for more.
    EXPECT_EQ(outcome("/x", "GET"), "token_missing /x OPTIONS");
    EXPECT_EQ(outcome("/y", "GET"), "answered /y GET");
}

TEST_F(preflight_test, that_is_none_is_judged_as_any_request) {
    add("/", {}, cors_use::passes);
    EXPECT_EQ(outcome("/x", "GET", "GET"), "token_missing /");
    EXPECT_EQ(outcome("/x", "GET", "POST"), "token_missing /");
    EXPECT_EQ(outcome("/x", "GET, POST"), "token_missing /");
    more = {{"Access-Control-Request-Method", "GET"}};
    EXPECT_EQ(outcome("/x", "GET"), "token_missing /");
    more = {{"Origin", "https://app.test"}};
    EXPECT_EQ(outcome("/x", "GET"), "token_missing /");
    more = {};
    EXPECT_EQ(outcome("/x", "GET"), "passes /");
}

TEST_F(preflight_test, of_other_modes_is_the_same) {
    add("/a", {}, cors_use::rules).mode = rules::enforcement::observe_all;
    add("/b", {}, cors_use::passes).mode = rules::enforcement::observe_all;
    add("/c", {}, cors_use::rules).auth = rules::authentication::none;
    EXPECT_EQ(outcome("/a", "GET"), "answered /a");
    EXPECT_EQ(outcome("/b", "GET"), "passes /b");
    EXPECT_EQ(outcome("/c", "GET"), "answered /c");
}

TEST_F(preflight_test, passes_only_where_every_reading_lets_it) {
    add("/", {}, cors_use::passes);
    add("/admin").require.roles = {"admin"};
    add("/open", {}, cors_use::passes);
    add("/told", {}, cors_use::rules);
    add("/get", {"GET"}, cors_use::passes);
    EXPECT_EQ(outcome("/x", "GET"), "passes /");
    EXPECT_EQ(outcome("/ADMIN", "GET"), "token_missing /admin");
    EXPECT_EQ(outcome("/OPEN", "GET"), "passes /");
    EXPECT_EQ(outcome("/TOLD", "GET"), "token_missing /told");
    EXPECT_EQ(outcome("/GET", "PUT"), "method_not_allowed");
}

TEST_F(preflight_test, loses_every_providers_token_in_the_query) {
    add("/", {}, cors_use::passes);
    query = "a=1&access_token=x&key=y&b=%20&%61ccess_token=z";
    const decision made = run("/x", "GET");
    const auto& leave = std::get<permit>(made);
    EXPECT_EQ(leave.query(), "a=1&b=%20");
    EXPECT_FALSE(leave.credentials().present);
}

TEST_F(preflight_test, is_explained) {
    add("/", {}, cors_use::rules);
    (void)run("/x", "PUT");
    ASSERT_FALSE(told.steps().empty());
    EXPECT_EQ(told.steps().front().check, "preflight");
    EXPECT_EQ(told.steps().back().check, "origin");
    EXPECT_THAT(told.steps().back().note, HasSubstr("accepted"));
}

} // namespace
} // namespace bearward::policies
