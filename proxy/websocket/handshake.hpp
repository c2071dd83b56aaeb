// The opening handshake of RFC 6455 section 4, both sides, and the subprotocol
// echo (proxy/BEHAVIOUR.md 9.6). Pure.
#pragma once

#include "policies/requests/credentials.hpp"
#include "policies/rules/route.hpp"
#include "proxy/http/head.hpp"
#include "proxy/http/outgoing_head.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace bearward::proxy::websocket {

/// What a request asks for.
enum class upgrade : std::uint8_t {
    none,        ///< an ordinary request; any Upgrade field is dropped
    websocket,   ///< a valid handshake
    malformed,   ///< 400: a body, a bad key
    bad_version, ///< 426 with Sec-WebSocket-Version: 13
};

/// GET, HTTP/1.1, Upgrade: websocket, Connection: upgrade, no body, version 13, a
/// valid key (16 bytes in base64). With another method or in 1.0: none.
[[nodiscard]] upgrade classify_upgrade(const http::request_head& head) noexcept;

/// Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2).
[[nodiscard]] std::string make_accept(std::string_view key);

/// Checks the upstream's 101: Upgrade, Connection, Sec-WebSocket-Accept, and one
/// of the forwarded subprotocols or none. On success the subprotocol the upstream
/// chose (empty: none); the error says what is wrong, for the log.
[[nodiscard]] std::expected<std::string_view, std::string_view>
check_upstream_handshake(const http::response_head& head, std::string_view key, const policies::requests::subprotocol_offer& offer);

/// The subprotocol in the answer to the client: the upstream's choice, else the
/// marker, else the entry that names the socket, else the token entry, else none.
[[nodiscard]] std::string_view choose_subprotocol(const policies::requests::subprotocol_offer& offer,
                                                  std::string_view upstream_choice) noexcept;

/// The subprotocol of a handshake that is accepted only to be closed: marker,
/// else the entry that names the socket, else token entry, else the first entry offered, else none.
[[nodiscard]] std::string_view choose_rejection_subprotocol(const policies::requests::subprotocol_offer& offer) noexcept;

/// Makes the client's 101, which holds views into all that is given. `upstream`
/// adds the fields of the upstream's 101 that pass (extensions, cookies, ...), with
/// the route's `changes`; null for a rejection.
void make_client_handshake(std::string_view key, std::string_view subprotocol, std::string_view request_id,
                           const http::response_head* upstream, const policies::rules::header_changes* changes,
                           http::outgoing_response& out);

} // namespace bearward::proxy::websocket
