// Bearward's own answers to a client: step 6 of run_exchange.
#pragma once

#include "policies/decision.hpp"
#include "proxy/downstream/client_stream.hpp"
#include "proxy/downstream/exchange.hpp"
#include "proxy/downstream/read_request.hpp"

namespace bearward::proxy::downstream {

/// To a request whose form is refused.
awaitable<> answer_refused(client_stream& client, exchange& x, const read_outcome& outcome);

/// To a denial: over HTTP, or 101 and a Close where the route says so.
awaitable<> answer_denied(client_stream& client, exchange& x, const policies::denial& denied);

/// When the upstream can't answer: 502 or 504, or 400/408 for the client's body.
/// Only before any byte of another answer was written. Closes unless `may_go_on`.
awaitable<> answer_failure(client_stream& client, exchange& x, unsigned status, policies::reason why, bool may_go_on);

/// Fills what the access record says of the request; before its views can go stale.
/// From here on the exchange knows where it is counted.
void begin_record(const client_stream& client, exchange& x, const policies::rules::route* route, const policies::identity* who);
/// Counts the decision, once: it is final when an answer begins.
void count_decision(exchange& x);
/// Counts the answered request with its decision; the record says how it went.
void count_request(exchange& x, std::chrono::microseconds took);
/// Step 10: the request is counted and the record written.
void finish_record(const client_stream& client, exchange& x);

} // namespace bearward::proxy::downstream
