// A login that must be strong or fresh enough (RFC 9470): the entries `acr` and `max_age`
// of a requirement.
#pragma once

#include "policies/clock.hpp"
#include "policies/identity.hpp"
#include "policies/rules/requirement.hpp"
#include "policies/truth.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace bearward::policies::rules {

/// What the client is to ask its issuer for (RFC 9470 section 3).
struct step_up {
    std::string acr_values; ///< separated by spaces; empty: any
    std::optional<std::chrono::seconds> max_age{};
};

/// Whether `acr` is one of the required ones.
[[nodiscard]] truth check_acr(const requirement& required, const identity& who);

/// Whether the login is no older than max_age. Without `auth_time` it is not; one that lies in the
/// future by more than the skew is none.
[[nodiscard]] truth check_max_age(const requirement& required, const identity& who, time_point now, std::chrono::milliseconds clock_skew);

/// What the requirement asks of a login, wherever all of it must hold (`all` and named policies
/// included): the first `acr`, the shortest `max_age`.
[[nodiscard]] step_up find_step_up(const requirement& required);

} // namespace bearward::policies::rules
