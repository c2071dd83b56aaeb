// Whether a permit still holds when what it let through begins.
#pragma once

#include "policies/decision.hpp"
#include "policies/outside.hpp"

#include <optional>

namespace bearward::policies {

/// What has changed since a permit was given so that it would be a denial now: token_expired or
/// token_revoked; nothing: it holds.
[[nodiscard]] std::optional<refusal> find_lapse(const permit& leave, const snapshot& rules, const outside& around);

} // namespace bearward::policies
