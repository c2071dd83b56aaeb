// From settings to what serves: names become indices, keys are read, and what
// must hold between settings is checked. Complains as the readers do; goes on
// after errors so that all of them are told at once.
#pragma once

#include "config/configuration.hpp"
#include "config/reading.hpp"
#include "config/settings.hpp"

#include <vector>

namespace bearward::config {

/// The whole. Means something only when `state` has no errors afterwards.
[[nodiscard]] configuration compile(reading& state, settings&& from);

/// Reads the providers' keys; one for each of the settings, in their order.
[[nodiscard]] std::vector<policies::provider> compile_providers(reading& state, const settings& from);

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

/// Listeners among themselves.
void check_settings(reading& state, const settings& from);

/// The headers that are set, removed or read, among themselves and against those
/// that nobody may touch. The routes have their defaults.
void check_headers(reading& state, const settings& from);

/// The names in tests: providers, listeners and routes.
void check_tests(reading& state, const settings& from, const std::vector<compiled_route>& routes);

/// Warns of routes that are laxer than those around them, or never match.
void check_coverage(reading& state, const std::vector<compiled_route>& routes);

/// "FILE:LINE:COL".
[[nodiscard]] std::string to_string(const mark& where);

} // namespace bearward::config
