// Bearward's own answers to a client: step 6 of run_exchange.
#pragma once

#include "policies/decision.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/http/local_reply.hpp"

namespace bearward::proxy {

/// To a request whose form is refused (exchange::refused).
awaitable<> answer_refused(client_stream& client, exchange& x);

/// To a denial: over HTTP, or 101 and a Close where the route says so.
awaitable<> answer_denied(client_stream& client, exchange& x, const policies::denial& denied);

/// Of a denial that is answered over HTTP.
[[nodiscard]] http::local_reply make_refusal(const policies::denial& denied);

/// To a request that Bearward itself serves, whose record has begun. Its body is unread, or read whole (read_body);
/// with `certain` false where it ends is not known, and the connection is closed.
awaitable<> answer_own(client_stream& client, exchange& x, http::local_reply reply, bool certain = true);

/// To a preflight, by the CORS rules of its route.
awaitable<> answer_preflight(client_stream& client, exchange& x, const policies::rules::route& route);

/// Where the credential ended (token_expired, token_revoked) before the upstream answered. Only before any
/// byte of another answer was written.
awaitable<> answer_lapsed(client_stream& client, exchange& x, const policies::rules::route& route, policies::reason why);

/// To another proxy that asked and may forward the request: 200 with the identity headers.
awaitable<> answer_permitted(client_stream& client, exchange& x, const policies::permit& leave);

/// With the metadata of a resource, which belongs to no route.
awaitable<> answer_metadata(client_stream& client, exchange& x, const policies::resource_metadata& wanted);

/// When the upstream can't answer: 502 or 504, or 400/408 for the client's body.
/// Only before any byte of another answer was written. Closes unless `may_go_on`.
awaitable<> answer_failure(client_stream& client, exchange& x, unsigned status, policies::reason why, bool may_go_on);

} // namespace bearward::proxy
