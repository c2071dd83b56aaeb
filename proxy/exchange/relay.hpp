// One request on one upstream connection: the request goes up and the response
// comes down, both at once, in one coroutine that sleeps until either side is
// ready again.
#pragma once

#include "proxy/exchange/exchange.hpp"
#include "proxy/exchange/relay_end.hpp"
#include "proxy/upstream/pool.hpp"

namespace bearward::proxy {

/// Relays until one of the ends of relay_end. The upstream's head is exchange::upstream_head.
/// Whatever is not complete or upgraded leaves its cause in the record.
[[nodiscard]] awaitable<relay_outcome> run_relay(client_stream& client, exchange& x, upstream::connection& server,
                                                 const relay_limits& allowed, const policies::permit& leave);

} // namespace bearward::proxy
