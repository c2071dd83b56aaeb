// Which provider of a route judges a token (policies/BEHAVIOUR.md 6). Internal to decide().
#pragma once

#include "policies/reason.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/snapshot.hpp"

#include <expected>

namespace bearward::policies {

/// A token whose `iss` is a provider's issuer goes to that one only, wherever
/// it was found, otherwise to the one without issuer. None is tried after
/// another refused. An API key goes to the provider whose header it was in, and
/// nothing from another place does. Where a provider of the route asks the issuer, it gets
/// what is no JWS, and a JWS that no provider with keys is for.
[[nodiscard]] std::expected<const provider*, reason> choose_provider(const snapshot& rules, const rules::route& route,
                                                                     const requests::found_credentials& found);

} // namespace bearward::policies
