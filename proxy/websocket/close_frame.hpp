// Close frames (RFC 6455 section 5.5.1).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::proxy::websocket {

/// A Close frame from a server: not masked. A reason over 123 bytes is cut at a
/// character's boundary.
[[nodiscard]] std::string make_server_close(std::uint16_t code, std::string_view reason);

/// A Close frame from a client: masked with `key` (random, RFC 6455 section 5.3).
[[nodiscard]] std::string make_client_close(std::uint16_t code, std::string_view reason, std::array<unsigned char, 4> key);

} // namespace bearward::proxy::websocket
