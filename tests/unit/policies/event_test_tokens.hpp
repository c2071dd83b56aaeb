// Logout tokens and security event tokens for the tests of what issuers say.
#pragma once

#include "policies/tokens/event_claims.hpp"
#include "policies/tokens/signed_claims.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace bearward::policies::tokens::test {

inline constexpr time_point now{std::chrono::seconds{1'800'000'000}};
inline constexpr std::string_view logout_event = "http://schemas.openid.net/event/backchannel-logout";

/// A good logout token's claims, with these members in place of its own; null takes one away.
inline boost::json::object logout_claims(std::string_view instead = "{}") {
    boost::json::object claims = boost::json::parse(R"({"iss": "https://id.example.com/", "aud": "app", "iat": 1799999990,
        "exp": 1800000110, "jti": "n-1", "sub": "u-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}}})")
                                     .as_object();
    for (const auto& each : boost::json::parse(instead).as_object()) {
        claims[each.key()] = each.value();
        if (each.value().is_null()) {
            claims.erase(each.key());
        }
    }
    return claims;
}

inline verification_rules rules_of(std::vector<issuer_pattern> issuers = {std::string("https://id.example.com/")}) {
    verification_rules rules;
    rules.provider = "main";
    rules.issuers = std::move(issuers);
    rules.audiences = {"app"};
    return rules;
}

} // namespace bearward::policies::tokens::test
