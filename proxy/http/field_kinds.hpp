// Which header fields end at this hop, and which say what only we may say (RFC
// 9110 section 7.6.1, contract 5). Names are compared with `_` read as `-`, as
// the servers behind us read them.
#pragma once

#include <cstdint>
#include <string_view>

namespace bearward::proxy::http {

enum class request_field : std::uint8_t {
    other,
    never,       ///< hop-by-hop, framing, or written by us
    forwarded,   ///< X-Forwarded-*, X-Real-Ip, Forwarded: believed from trusted proxies only
    rewrite,     ///< another method or target for frameworks that listen to it
    handshake,   ///< Sec-WebSocket-Key and -Version: written anew in a handshake
    subprotocol, ///< Sec-WebSocket-Protocol: may carry a token
};

[[nodiscard]] request_field classify_request_field(std::string_view name) noexcept;

enum class response_field : std::uint8_t {
    other,
    never,   ///< hop-by-hop, framing, or written by us
    trailer, ///< Trailer: passes with the trailers it announces
    date,
};

[[nodiscard]] response_field classify_response_field(std::string_view name) noexcept;

/// Whether a field may stand in a trailer section (RFC 9110 section 6.5.1).
[[nodiscard]] bool may_be_trailer(std::string_view name) noexcept;

} // namespace bearward::proxy::http
