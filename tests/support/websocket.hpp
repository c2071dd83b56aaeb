// WebSocket frames and handshakes as a test writes and reads them.
#pragma once

#include "tests/support/raw_socket.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::test {

/// The key of every test's handshake, and the answer to it (RFC 6455 section 1.3).
inline constexpr std::string_view socket_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view socket_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct frame {
    opcode kind = opcode::text;
    bool last = true;
    bool masked = false;
    std::string payload; ///< unmasked

    /// Of a Close.
    [[nodiscard]] unsigned code() const;
    [[nodiscard]] std::string reason() const;
};

/// A frame as a client or a server sends it.
[[nodiscard]] std::string client_frame(opcode kind, std::string_view payload, bool last = true);
[[nodiscard]] std::string server_frame(opcode kind, std::string_view payload, bool last = true);
[[nodiscard]] std::string close_payload(unsigned code, std::string_view reason);
[[nodiscard]] frame read_frame(raw_socket& from);

/// A handshake's request; `fields` are whole lines.
[[nodiscard]] std::string handshake(std::string_view target, std::string_view fields = "");
/// The upstream's 101.
[[nodiscard]] std::string accepted(std::string_view fields = "");

} // namespace bearward::test
