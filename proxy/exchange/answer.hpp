// Bearward's own answers to a client: step 6 of run_exchange.
#pragma once

#include "policies/decision.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"

namespace bearward::proxy {

/// To a request whose form is refused (exchange::refused).
awaitable<> answer_refused(client_stream& client, exchange& x);

/// To a denial: over HTTP, or 101 and a Close where the route says so.
awaitable<> answer_denied(client_stream& client, exchange& x, const policies::denial& denied);

/// When the upstream can't answer: 502 or 504, or 400/408 for the client's body.
/// Only before any byte of another answer was written. Closes unless `may_go_on`.
awaitable<> answer_failure(client_stream& client, exchange& x, unsigned status, policies::reason why, bool may_go_on);

} // namespace bearward::proxy
