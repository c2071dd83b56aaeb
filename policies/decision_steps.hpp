// How the steps of decide() are reported to an observer. Nothing here decides.
// Internal to decide().
#pragma once

#include "policies/explanation.hpp"
#include "policies/requests/request_view.hpp"
#include "policies/snapshot.hpp"

#include <span>
#include <string_view>

namespace bearward::policies {

/// Another server would take the path for another route or other captures; or it is
/// `refused` because the route doesn't take paths that are read differently.
[[nodiscard]] step readings_step(const requests::canonical_path& path, bool refused);
[[nodiscard]] step route_step(const requests::request_view& request, const rules::route_match& match,
                              std::span<const rules::capture> captures);
/// The route that an app may take the request for as well; null: one for other methods.
[[nodiscard]] step guarded_step(const rules::route* reached, std::span<const rules::capture> captures, const rules::route_table& routes);
[[nodiscard]] step websocket_step(const rules::route& route);
[[nodiscard]] step origin_step(const requests::request_view& request, const rules::route& route);
[[nodiscard]] step public_step();
/// Of a refusal that `mode: observe_all` only notes.
[[nodiscard]] step observe_all_step();
/// Where the search looked and where it found a credential, never the credential.
[[nodiscard]] step credential_step(const rules::route& route, const requests::token_places& places,
                                   const requests::found_credentials& found, reason verdict);
[[nodiscard]] step anonymous_step(const rules::route& route);
/// `chosen`: null when no provider of the route is for the token.
[[nodiscard]] step provider_step(const snapshot& rules, const rules::route& route, std::string_view token, const provider* chosen);
/// Of a need that nobody can serve.
[[nodiscard]] step need_step(const refusal& unmet);

} // namespace bearward::policies
