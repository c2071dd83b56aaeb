// Asks an admin listener whether its proxy is ready (proxy/BEHAVIOUR.md 12.5).
#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace bearward::proxy::commands {

/// Blocks for at most `limit`. Nothing when it is ready, else why not, on one line.
[[nodiscard]] std::optional<std::string> probe_readiness(const config::endpoint& admin, std::chrono::milliseconds limit);

} // namespace bearward::proxy::commands
