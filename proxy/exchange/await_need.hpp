// What a request waits for when its decision needs something from outside.
#pragma once

#include "policies/need.hpp"
#include "proxy/exchange/await_call.hpp"

namespace bearward::proxy {

class supplier;

/// Has `from` get it, and waits until it came, can't be had, or takes too long: the decision says what that means.
[[nodiscard]] awaitable<call_end> await_need(client_stream& client, waits& w, supplier& from, const policies::need& lacking);

} // namespace bearward::proxy
