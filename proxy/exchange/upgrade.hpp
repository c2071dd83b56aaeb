// From a handshake that the upstream accepted to a tunnel: step 9 of run_exchange.
#pragma once

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/upstream/pool.hpp"

namespace bearward::proxy {

/// The upstream said 101 to a handshake: bytes pass from now on, unless its answer is
/// wrong or the permit has lapsed while it thought.
awaitable<> open_tunnel(client_stream& client, exchange& x, upstream::lease held, const policies::permit& leave);

} // namespace bearward::proxy
