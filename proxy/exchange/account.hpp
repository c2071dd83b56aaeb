// What the access log and the metrics say of a request: step 10 of run_exchange.
#pragma once

#include "policies/identity.hpp"
#include "policies/rules/route.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"

#include <chrono>

namespace bearward::proxy {

/// The client's id where `trusts_head` and it is a good one, else a fresh one. Once chosen it stays.
void choose_request_id(exchange& x, bool trusts_head);

/// Fills what the access record says of the request; before its views can go stale.
/// From here on the exchange knows where it is counted.
void begin_record(const client_stream& client, exchange& x, const policies::rules::route* route, const policies::identity* who);
/// Counts the decision, once: it is final when an answer begins.
void count_decision(exchange& x);
/// Counts the answered request with its decision; the record says how it went.
void count_request(exchange& x, std::chrono::microseconds took);
/// The request is counted and the record written, unless that was done before.
void finish_record(exchange& x);

} // namespace bearward::proxy
