// From settings to what serves: names become indices, keys are read, and what
// must hold between settings is checked. Complains as the readers do; goes on
// after errors so that all of them are reported at once.
#pragma once

#include "config/configuration.hpp"
#include "config/reading.hpp"
#include "config/settings.hpp"
#include "policies/rules/path_comparison.hpp"

#include <vector>

namespace bearward::config {

/// The whole. Means something only when `state` has no errors afterwards.
[[nodiscard]] configuration compile(reading& state, settings&& from);

/// Reads the providers' keys; one for each of the settings, in their order.
[[nodiscard]] std::vector<policies::provider> compile_providers(reading& state, const settings& from);

/// Where keys are fetched from, of those providers that do.
[[nodiscard]] std::vector<key_source_settings> compile_key_sources(reading& state, const settings& from);

/// Reads the providers' revocation files into `made`, whose rules are `providers`.
void load_revocations(reading& state, const settings& from, std::vector<policies::provider>& providers, configuration& made);

/// Where the issuers of these providers, which are the settings' own in their order, tell of what
/// counts no longer. Gives the settings their default paths.
[[nodiscard]] std::vector<policies::revocation_receiver> compile_receivers(reading& state, settings& from,
                                                                           const std::vector<policies::provider>& providers);
/// The keys of these settings; none yet where they are fetched.
[[nodiscard]] policies::jwt_provider compile_keys(reading& state, const jwt_settings& from);
/// A provider that tells of events with keys of its own, as one whose tokens they are. Its events have keys.
[[nodiscard]] provider_settings teller_of(const provider_settings& from);

/// Reads the certificates, private keys and authorities of listeners and upstreams
/// into the settings.
void load_certificates(reading& state, settings& from);

/// A route with the place where it was written.
struct compiled_route {
    policies::rules::route route;
    place at;
};

/// What signs assertions; null: none is made, or offline.
[[nodiscard]] std::shared_ptr<const policies::assertion_rules> compile_assertion(reading& state, const settings& from);

/// The routes with their defaults, names and requirements. Those without a
/// readable path are left out. Gives the settings' routes their defaults.
[[nodiscard]] std::vector<compiled_route> compile_routes(reading& state, settings& from);

/// By which a token is judged that is to renew an open WebSocket's; null: no route has `renewal`.
[[nodiscard]] std::shared_ptr<const policies::rules::route> compile_renewal(reading& state, const settings& from,
                                                                            const std::vector<compiled_route>& routes);

/// What a route says that could have no effect, and whether its mode opens it. `from`
/// has its defaults.
void check_route(reading& state, const route_settings& from, const policies::rules::route& made);

/// What a provider of a route may not have in common with those named before it, where one
/// of them has API keys. `name`: where the route names it.
void check_api_keys(reading& state, const settings& from, const located_text& name, std::uint32_t index,
                    const std::vector<std::uint32_t>& before);
/// Complains where no listener of a route with such a provider asks for certificates.
void check_client_ca(reading& state, const settings& from, const route_settings& written, const located_text& name,
                     const policies::rules::route& route);

/// Where its issuer's answers are kept.
void compile_introspection(const introspection_settings& from, policies::provider& made);

/// The endpoints of the providers that ask their issuers.
[[nodiscard]] std::vector<introspection_endpoint> compile_introspection_endpoints(const settings& from);

/// The API keys of a provider, each under an id and a hash of its own.
void compile_api_keys(reading& state, const api_keys_settings& from, policies::provider& made);

/// How a route treats requests of other origins. `common`: the top-level rules; null: none.
[[nodiscard]] policies::requests::cors_handling compile_cors(const route_cors_settings& from,
                                                             const std::shared_ptr<const policies::requests::cors_rules>& common);
/// The top-level rules; null: none.
[[nodiscard]] std::shared_ptr<const policies::requests::cors_rules> compile_cors(const settings& from);

/// Headers of CORS that a route sets or removes beside its rules. The routes have their defaults.
void check_cors(reading& state, const settings& from);

/// The metadata of all resources, each once; complains of two at one place. The routes have their defaults.
[[nodiscard]] std::vector<policies::resource_metadata> compile_resources(reading& state, const settings& from);
/// Where the metadata of a route's resource is; empty: nowhere. It has its defaults.
[[nodiscard]] std::string metadata_url_of(const route_settings& route, const settings& from);

/// What a route itself says, besides what it has from `defaults`: which keys, a bit each.
struct written_keys {
    std::uint64_t of_route = 0;
    std::uint64_t of_websocket = 0;
};

/// Complains about keys that are for what is forwarded, where nothing is.
void check_only_asked_about(reading& state, const route_settings& from, const written_keys& written);

/// An assertion says for which upstream it is, or else its `audience`.
void check_audience(reading& state, const settings& from, const std::vector<compiled_route>& routes);

/// Tokens in cookies: places without a name, and origins that nothing asks for. The routes have their defaults.
void check_cookies(reading& state, const settings& from);

/// Listeners among themselves.
void check_settings(reading& state, const settings& from);

/// The headers that are set, removed or read, among themselves and against those
/// that nobody may touch. The routes have their defaults.
void check_headers(reading& state, const settings& from);

/// Whether only some values of the claim are accepted: not where it only has to be
/// there, or where the client chooses what it is compared with.
[[nodiscard]] bool names_values(const claim_settings& entry);

/// Warns of issuer templates that nothing bounds. The routes have their defaults.
void check_issuers(reading& state, const settings& from);

/// The names in tests: providers, listeners and routes.
void check_tests(reading& state, const settings& from, const std::vector<compiled_route>& routes);

/// Warns of routes that are laxer than those around them, or never match.
/// `compared`: what of paths an app may ignore.
void check_coverage(reading& state, const std::vector<compiled_route>& routes, policies::rules::path_comparison compared);

/// "FILE:LINE:COL".
[[nodiscard]] std::string to_string(const mark& where);

} // namespace bearward::config
