// Refuses a WebSocket by accepting it and closing it, so that a browser's page learns why.
#pragma once

#include "policies/answer.hpp"
#include "policies/decision.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"

namespace bearward::proxy {

/// 101, a Close with the code and the detail of `what`, and a moment for the client's Close
/// (RFC 6455 section 7.1.1). The connection is over then.
awaitable<> accept_and_close(client_stream& client, exchange& x, const policies::denial& denied, const policies::answer& what);

} // namespace bearward::proxy
