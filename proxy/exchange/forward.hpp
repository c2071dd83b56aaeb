// Forwards a permitted request to its upstream and the answer back: steps 7 to 9
// of run_exchange.
#pragma once

#include "policies/decision.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"

namespace bearward::proxy {

/// Forwarding takes a permit, and only policies::decide makes one.
awaitable<> forward(client_stream& client, exchange& x, const policies::permit& leave);

} // namespace bearward::proxy
