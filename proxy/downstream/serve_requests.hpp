// HTTP/1 on one connection: one request after the other, until nothing more has come.
#pragma once

#include "proxy/downstream/http1_client.hpp"
#include "proxy/exchange/exchange.hpp"

namespace bearward::proxy::downstream {

/// Serves requests until nothing more has come, or the connection ends. Returns whether it goes on.
[[nodiscard]] awaitable<bool> serve_requests(http1_client& client, exchange& x);

} // namespace bearward::proxy::downstream
