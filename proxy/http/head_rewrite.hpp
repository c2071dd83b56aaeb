// Makes the head that is forwarded from the head that was judged (proxy/BEHAVIOUR.md 4):
// hop-by-hop fields out, spoofed identity out, the token out, ours in. Pure, and
// nothing of how a protocol writes a head.
#pragma once

#include "policies/decision.hpp"
#include "policies/requests/header_kinds.hpp"
#include "policies/snapshot.hpp"
#include "proxy/http/cors_fields.hpp"
#include "proxy/http/head.hpp"
#include "proxy/http/outgoing_head.hpp"
#include "proxy/http/trace_context.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::http {

/// What is the same for every request of one configuration.
struct rewrite_rules {
    /// Names removed from every request, compared folded: identity headers.
    std::vector<std::string> stripped_names{};
    const std::vector<policies::identity_header>* identity_headers = nullptr;
    policies::requests::header_rules headers{};
    bool tells_certificates = false; ///< whether an identity header's source is the client's certificate
};

/// What belongs to one request.
struct forward_context {
    std::string_view peer_address{}; ///< without port; empty: a unix socket
    bool trusted_peer = false;       ///< what it says of the client is believed
    std::string_view scheme = "http";
    std::string_view request_id{};
    std::string_view upstream_host{}; ///< Host to send instead of the client's; empty: the client's
    std::string_view path{};          ///< canonical, as judged
    http::header assertion{};         ///< who asks, signed; without value: none
    /// The client's; null: the connection is plain, or nobody tells the app of it.
    const policies::requests::client_certificate* certificate = nullptr;
    const request_trace* trace = nullptr; ///< null: what came passes
};

/// The path that the upstream gets for a canonical one: less the prefix, where the route removes it.
[[nodiscard]] std::string_view forwarded_path(const policies::permit& leave, std::string_view path) noexcept;

/// The request id to use: the client's if it is 1-128 of A-Za-z0-9._- and no JWS,
/// else empty (make a fresh one).
[[nodiscard]] std::string_view accept_request_id(const request_head& head);

/// Makes the upstream's request head of `out`, which holds views into all that is
/// given. Ordinary requests: the connection persists, framing is that which was
/// judged. With `websocket` it is a handshake, and Sec-WebSocket-Protocol has the
/// entries that carry no token.
void make_upstream_head(const request_head& head, const policies::permit& leave, const rewrite_rules& rules, const forward_context& context,
                        bool websocket, outgoing_request& out);

/// How the response goes to the client.
struct response_context {
    std::string_view request_id{};
    std::string_view date{}; ///< an HTTP-date for a response without one (RFC 9110 section 6.6.1); empty: none is added
    bool trailers = false;   ///< the client takes trailers: Trailer passes
    const policies::rules::header_changes* changes = nullptr; ///< of the route; null: none
    const cors_answer* cors = nullptr;                        ///< in place of the upstream's CORS fields; null: those pass
};

/// Makes the client's response head of `out`, which holds views into all that is
/// given: hop-by-hop fields out, framing anew (chunked for bodies of unknown length),
/// X-Request-Id in. What becomes of the connection is for the client's protocol to
/// say. Also for 1xx (without framing).
void make_downstream_head(const response_head& head, const response_context& context, outgoing_response& out);

} // namespace bearward::proxy::http
