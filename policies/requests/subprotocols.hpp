// Sec-WebSocket-Protocol (RFC 6455 section 11.3.4) read entry by entry, with the
// forms in which browsers and Kubernetes clients put a token there (contract 4).
#pragma once

#include "policies/requests/credentials.hpp"
#include "policies/requests/request_view.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::requests {

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

} // namespace bearward::policies::requests
