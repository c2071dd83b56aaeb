// `bearward token inspect`: what a token says, and what a configuration's
// providers say about it. The signature is never shown: without it what is shown
// opens nothing.
#pragma once

#include "policies/clock.hpp"
#include "policies/snapshot.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace bearward::proxy::commands {

/// Header and claims, unverified: {"header": {...}, "claims": {...}}. Error: a
/// sentence without anything of the token.
[[nodiscard]] std::expected<boost::json::object, std::string> read_unverified(std::string_view token);

/// A line for each date among the claims: "exp: 2026-01-31T12:00:00Z, in 5m 10s".
[[nodiscard]] std::string describe_dates(const boost::json::object& claims, policies::time_point now);

struct inspection {
    std::string text;      ///< each provider with each check
    bool accepted = false; ///< by one of them
};

/// Verifies the token as a route would that has all providers: by those whose
/// issuer it names, else by those without issuer.
[[nodiscard]] inspection judge_by_providers(const policies::snapshot& rules, std::string_view token, policies::time_point now);

} // namespace bearward::proxy::commands
