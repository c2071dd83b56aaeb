// What a request waits for when its decision needs something from outside.
#pragma once

#include "policies/need.hpp"
#include "proxy/event/net.hpp"

namespace bearward::proxy {

struct exchange;
class client_stream;

/// Has it got (worker_context::supplies), and waits: until that is over or takes too
/// long, the client has left, or the worker stops. At once where it can't be had.
[[nodiscard]] awaitable<> await_need(client_stream& client, exchange& x, const policies::need& lacking);

} // namespace bearward::proxy
