// Decisions with tokens from a table instead of from signatures.
#pragma once

#include "policies/decide.hpp"
#include "policies/rules/rate_table.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bearward::policies {

using std::chrono_literals::operator""s;

inline constexpr time_point decided_at{1'700'000'000s};

/// Knows tokens by provider and text; remembers what it was asked.
class table_source final : public outside {
public:
    table_source() : outside(decided_at) {}
    using outside::set_now;
    verification verify(const provider& by, std::string_view token) override {
        asked.push_back(by.rules.provider + ":" + std::string(token));
        const auto found = known.find(asked.back());
        if (found == known.end()) {
            return std::unexpected(refusal(reason::signature_invalid));
        }
        return found->second;
    }

    rules::rate_outcome take_rate(const rules::rate_limit& of, std::string_view key, bool counts) override {
        return rates.take(of, key, now(), counts);
    }

    std::map<std::string, tokens::verified_token_ptr> known;
    std::vector<std::string> asked;
    rules::rate_table rates{{1, 2}};
};

inline tokens::verified_token_ptr make_token(std::string user, std::string tenant, std::vector<std::string> roles,
                                             std::optional<time_point> expires = decided_at + 60s) {
    tokens::verified_token made;
    made.who.provider = "main";
    made.who.user = std::move(user);
    made.who.tenant = std::move(tenant);
    made.who.roles = std::move(roles);
    made.who.scopes = {"read"};
    made.who.expires = expires;
    made.expires = expires;
    return std::make_shared<const tokens::verified_token>(std::move(made));
}

inline provider make_provider(std::string name, std::optional<std::string> issuer = {}, requests::credential_names names = {}) {
    provider made;
    made.rules.provider = std::move(name);
    if (issuer) {
        made.rules.issuers.emplace_back(*issuer);
    }
    made.names = std::move(names);
    return made;
}

class decide_test : public ::testing::Test {
protected:
    decide_test() {
        rules.providers.push_back(make_provider("main"));
        source.known["main:good"] = make_token("u-1", "t-1", {"reader"});
        source.known["main:admin"] = make_token("u-2", "t-1", {"admin"});
        source.known["main:old"] = make_token("u-1", "t-1", {"reader"}, decided_at - 60s);
    }

    rules::route& add(std::string_view pattern) {
        rules::route made;
        made.name = pattern;
        made.pattern = pattern;
        made.segments = rules::parse_pattern(pattern).value();
        made.providers = {0};
        made.credential_names = {requests::credential_names{}};
        routes.push_back(std::move(made));
        return routes.back();
    }

    void authorize(std::string_view token) {
        authorization = "Bearer " + std::string(token);
        headers = {{"Authorization", authorization}};
    }
    void offer(std::string_view line) {
        websocket = true;
        headers.push_back({"Sec-WebSocket-Protocol", line});
    }

    decision run(std::string_view path, time_point at = decided_at) {
        rules.routes = rules::route_table(routes);
        requests::request_view request;
        request.method = method;
        const auto parsed = requests::parse_path(path, {.ambiguous = rules.ambiguous}, paths);
        EXPECT_TRUE(parsed) << path;
        request.path = parsed.value_or(requests::canonical_path{});
        request.query = query;
        request.host = "example.com";
        request.websocket = websocket;
        request.headers = headers;
        source.set_now(at);
        return decide(request, rules, source, on_need::tell, scratch);
    }

    permit permitted(std::string_view path, time_point at = decided_at) {
        decision made = run(path, at);
        if (const denial* refusal = std::get_if<denial>(&made)) {
            throw std::runtime_error("denied: " + std::string(to_string(refusal->why)));
        }
        return std::get<permit>(std::move(made));
    }

    denial denied(std::string_view path, time_point at = decided_at) {
        decision made = run(path, at);
        if (std::holds_alternative<permit>(made)) {
            throw std::runtime_error("permitted");
        }
        return std::get<denial>(std::move(made));
    }

    std::vector<rules::route> routes;
    snapshot rules;
    table_source source;
    std::vector<requests::header> headers;
    std::string authorization;
    std::string query;
    std::string_view method = "GET";
    bool websocket = false;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
};

} // namespace bearward::policies
