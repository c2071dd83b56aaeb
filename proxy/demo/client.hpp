// A small HTTP and WebSocket client that asks one line of the demo.
#pragma once

#include "proxy/demo/lines.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace bearward::proxy::demo {

/// What came back.
struct outcome {
    std::string error; ///< empty: the exchange went through
    unsigned status = 0;
    std::string body;
    std::string subprotocol;            ///< Sec-WebSocket-Protocol of a 101
    std::string message;                ///< the first WebSocket message
    std::optional<close_notice> closed; ///< the peer's Close, if it came instead of a message
};

/// Asks `what` (tokens expanded already) of 127.0.0.1:`port` on a new connection.
/// Waits at most 10 s for each step; never throws for what the peer does.
[[nodiscard]] outcome ask(const line& what, std::uint16_t port);

} // namespace bearward::proxy::demo
