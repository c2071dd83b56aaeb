// Sec-WebSocket-Protocol (RFC 6455 section 11.3.4) read entry by entry, with the
// forms in which browsers and Kubernetes clients put a token there
// (policies/BEHAVIOUR.md 5).
#pragma once

#include "policies/requests/request_view.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::requests {

/// What Sec-WebSocket-Protocol offered, split for forwarding and for the echo
/// table (proxy/BEHAVIOUR.md 9.6).
struct subprotocol_offer {
    std::vector<std::string_view> forwarded; ///< entries without a token, in order
    std::string_view marker;                 ///< `bearer` or `access_token` as sent; empty: none
    std::string_view token_entry;            ///< the entry that carries a token; empty: none
    std::string_view first;                  ///< the first entry offered; empty: none
    std::string_view socket_entry;           ///< `bearward.socket.ID`, never forwarded; empty: none

    /// By which the socket's token can be renewed; empty: none.
    [[nodiscard]] std::string_view socket_id() const noexcept;
};

/// Whether a text can name a socket: 16 to 64 of A-Z, a-z, 0-9, `_` and `-`.
[[nodiscard]] bool is_socket_id(std::string_view text) noexcept;

/// A token that an entry carries.
struct subprotocol_token {
    std::string_view text; ///< the token, not decoded when `encoded`
    bool encoded = false;  ///< text is base64url of the token
    bool malformed = false;
};

struct subprotocol_reading {
    subprotocol_offer offer;
    std::vector<std::string_view> entries; ///< all of them, in order
    std::vector<subprotocol_token> tokens; ///< in order, repeated ones too
};

/// Reads all lines of the header as one list. What can be a token is never in
/// `offer.forwarded`, well formed or not.
[[nodiscard]] subprotocol_reading parse_subprotocols(const request_view& request);

/// Splits Sec-WebSocket-Protocol without looking for a credential's value; used
/// where handshakes are answered without a credential.
[[nodiscard]] subprotocol_offer split_subprotocols(const request_view& request);

/// As split_subprotocols, but `forwarded` has every entry that does not name a socket: for routes that leave
/// tokens where they are.
[[nodiscard]] subprotocol_offer keep_subprotocols(const request_view& request);

} // namespace bearward::policies::requests
