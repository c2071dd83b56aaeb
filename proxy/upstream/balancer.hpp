// Chooses the server of a request. Pure: what is known of the servers goes in,
// an index comes out.
#pragma once

#include "config/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bearward::proxy::upstream {

/// How a server stands, the best first.
enum class standing : std::uint8_t {
    good,
    resting,   ///< it refused connections a moment ago
    unhealthy, ///< its health checks fail
};

/// What is looked at of one server.
struct candidate {
    standing how = standing::good;
    std::uint64_t busy = 0; ///< requests and WebSockets under way
};

/// The server to ask next: of those not in `tried` with the best standing, the
/// first from `turn` on (round_robin) or the least busy one (least_connections;
/// among equals the first from `turn` on). So a server that is not good is asked
/// only when no better one is left: rather perhaps an answer than surely none.
/// Nothing: all were tried. `turn` may be any number.
[[nodiscard]] std::optional<std::size_t> choose_server(config::balancing how, std::span<const candidate> servers,
                                                       std::span<const std::size_t> tried, std::size_t turn) noexcept;

} // namespace bearward::proxy::upstream
