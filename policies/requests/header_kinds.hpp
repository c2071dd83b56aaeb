// Which request headers end at this hop, and which say what only we may say (RFC
// 9110 section 7.6.1): one table for what is forwarded, for what a rule may read
// and for what the configuration may name. Names are compared folded
// (header_names.hpp).
#pragma once

#include <cstdint>
#include <string_view>

namespace bearward::policies::requests {

enum class header_kind : std::uint8_t {
    other,
    never,       ///< hop-by-hop, framing, written by us, or harmful by its mere presence (`Proxy`)
    forwarded,   ///< X-Forwarded-*, X-Real-Ip, Forwarded: believed from trusted proxies only
    client_fact, ///< other names in which apps believe the client's address or certificate
    rewrite,     ///< another method or target for frameworks that listen to it
    handshake,   ///< Sec-WebSocket-Key and -Version: written anew in a handshake
    subprotocol, ///< Sec-WebSocket-Protocol: may carry a token
};

[[nodiscard]] header_kind classify_header(std::string_view name) noexcept;

/// What happens to kinds of request headers that are safe for some apps only.
struct header_rules {
    bool drop_unusual_names = true; ///< names with anything but letters, digits and `-`
    bool drop_rewrites = true;      ///< header_kind::rewrite
    bool drop_client_facts = true;  ///< header_kind::client_fact, from peers that are not trusted
};

/// Whether a request header of this name and kind passes as far as that decides; the
/// handshake's own headers do, and are the business of whoever writes the handshake.
[[nodiscard]] bool passes_by_kind(header_kind kind, std::string_view name, const header_rules& rules, bool trusted_peer) noexcept;

} // namespace bearward::policies::requests
