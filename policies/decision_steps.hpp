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
/// A request for what anybody may read of a resource.
[[nodiscard]] step metadata_step(const resource_metadata& wanted);
/// The route that an app may take the request for as well; null: one for other methods.
[[nodiscard]] step guarded_step(const rules::route* reached, std::span<const rules::capture> captures, const rules::route_table& routes);
/// A preflight, by the method that it asks about.
[[nodiscard]] step preflight_step(std::string_view asked);
/// What becomes of it on its route.
[[nodiscard]] step handling_step(const rules::route& route);
/// Whether a preflight's origin is accepted: the answer says so or not, and never refuses it.
[[nodiscard]] step allowed_origin_step(const requests::request_view& request, const requests::cors_rules& rules);
[[nodiscard]] step websocket_step(const rules::route& route);
[[nodiscard]] step origin_step(const requests::request_view& request, const rules::route& route);
[[nodiscard]] step rate_step(const rules::rate_limit& of, const rules::rate_outcome& outcome);
/// Whether a token in a cookie may be used from there.
[[nodiscard]] step cookie_origin_step(const requests::request_view& request, const rules::route& route);
[[nodiscard]] step public_step();
/// Of a refusal that `mode: observe_all` only notes.
[[nodiscard]] step observe_all_step();
/// Where the search looked and where it found a credential, never the credential.
[[nodiscard]] step credential_step(const rules::route& route, const requests::token_places& places,
                                   const requests::found_credentials& found, reason verdict);
[[nodiscard]] step anonymous_step(const rules::route& route);
/// `chosen`: null when no provider of the route is for the token.
[[nodiscard]] step provider_step(const snapshot& rules, const rules::route& route, std::string_view token, const provider* chosen);
/// Whose the client's certificate is, by this provider.
[[nodiscard]] step certificate_step(const requests::request_view& request, const provider& by, bool known);
/// Until when it is.
[[nodiscard]] step certificate_end_step(const tokens::verified_token& token, time_point now);
/// Of a need that nobody can serve.
[[nodiscard]] step need_step(const refusal& unmet);

} // namespace bearward::policies
