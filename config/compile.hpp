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

/// Reads the providers' revocation files into `made`, whose rules are `providers`.
void load_revocations(reading& state, const settings& from, std::vector<policies::provider>& providers, configuration& made);

/// Reads the certificates, private keys and authorities of listeners and upstreams
/// into the settings.
void load_certificates(reading& state, settings& from);

/// A route with the place where it was written.
struct compiled_route {
    policies::rules::route route;
    place at;
};

/// The routes with their defaults, names and requirements. Those without a
/// readable path are left out. Gives the settings' routes their defaults.
[[nodiscard]] std::vector<compiled_route> compile_routes(reading& state, settings& from);

/// What a route says that could have no effect, and whether its mode opens it. `from`
/// has its defaults.
void check_route(reading& state, const route_settings& from, const policies::rules::route& made);

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
