// The policy tests of a configuration that is about to be served.
#pragma once

#include "config/configuration.hpp"

#include <vector>

namespace bearward::proxy::commands {

/// Runs `tests:`; each one that fails is an error at its place. Needs neither keys nor a network.
[[nodiscard]] std::vector<config::diagnostic> find_failed_tests(const config::configuration& settings);

} // namespace bearward::proxy::commands
