// Decisions where the app may read the path otherwise.
#pragma once

#include "policies/explanation.hpp"
#include "tests/unit/policies/decide_fixture.hpp"

namespace bearward::policies {

inline constexpr rules::path_comparison ignoring_both{.ignore_case = true, .ignore_final_slash = true};

class guarded_test : public ::testing::Test {
protected:
    guarded_test() {
        rules.providers.emplace_back().rules.provider = "main";
        rules.providers.emplace_back().rules.provider = "partners";
        rules.providers.back().names = {.header = "X-Token", .query_parameter = "key"};
        source.known["main:good"] = make_guarded_token("u-1", {"reader"});
        source.known["main:admin"] = make_guarded_token("u-2", {"admin"});
        source.known["partners:good"] = make_guarded_token("p-1", {"reader"}, decided_at + 20s);
        routes.reserve(16);
    }

    static tokens::verified_token_ptr make_guarded_token(std::string user, std::vector<std::string> roles,
                                                         time_point expires = decided_at + 60s) {
        tokens::verified_token made;
        made.who.provider = "main";
        made.who.user = std::move(user);
        made.who.tenant = "t-1";
        made.who.roles = std::move(roles);
        made.expires = made.who.expires = expires;
        return std::make_shared<const tokens::verified_token>(std::move(made));
    }

    rules::route& add(std::string_view pattern, bool exact = false) {
        rules::route made;
        made.name = made.pattern = pattern;
        made.segments = rules::parse_pattern(pattern).value();
        made.exact = exact;
        made.providers = {0};
        made.credential_names = {requests::credential_names{}};
        routes.push_back(std::move(made));
        return routes.back();
    }
    rules::route& add_public(std::string_view pattern, bool exact = false) {
        rules::route& made = add(pattern, exact);
        made.auth = rules::authentication::none;
        return made;
    }

    void authorize(std::string_view token) {
        authorization = "Bearer " + std::string(token);
        headers = {{"Authorization", authorization}};
    }

    decision run(std::string_view path) {
        rules.routes = rules::route_table(routes, compared, guard);
        request.method = method;
        const auto parsed = requests::parse_path(path, rules.path_reading, paths);
        EXPECT_TRUE(parsed) << path;
        request.path = parsed.value_or(requests::canonical_path{});
        request.query = query;
        request.host = "example.com";
        request.websocket = websocket;
        request.headers = headers;
        told = {};
        return decide(request, rules, source, on_need::tell, scratch, &told);
    }

    /// "ROUTE" where it is permitted, else "REASON ROUTE".
    std::string outcome(std::string_view path) {
        const decision made = run(path);
        if (const auto* leave = std::get_if<permit>(&made)) {
            return leave->route().name;
        }
        const auto& refused = std::get<denial>(made);
        cause = refused.cause;
        return std::string(to_string(refused.why)) + (refused.route == nullptr ? "" : " " + refused.route->name);
    }

    permit permitted(std::string_view path) {
        decision made = run(path);
        if (const denial* refused = std::get_if<denial>(&made)) {
            throw std::runtime_error("denied: " + std::string(to_string(refused->why)));
        }
        return std::get<permit>(std::move(made));
    }

    std::vector<rules::route> routes;
    rules::path_comparison compared;
    rules::path_comparison guard = ignoring_both;
    snapshot rules;
    table_source source;
    std::vector<requests::header> headers;
    std::string authorization;
    std::string query;
    std::string_view method = "GET";
    bool websocket = false;
    requests::request_view request;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
    explanation told;
    std::string cause;
};

} // namespace bearward::policies
