// Which provider of a route judges a token (policies/BEHAVIOUR.md 6). Internal to decide().
#pragma once

#include "policies/reason.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/snapshot.hpp"

#include <expected>

namespace bearward::policies {

/// A token whose `iss` is a provider's issuer goes to that one only, wherever
/// it was found, otherwise to the one without issuer. None is tried after
/// another refused.
[[nodiscard]] std::expected<const provider*, reason> choose_provider(const snapshot& rules, const rules::route& route,
                                                                     const requests::found_credentials& found);

} // namespace bearward::policies
