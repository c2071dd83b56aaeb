// What HTTP/1 owes a client once its answer is written: the rest of the request's body is read
// and dropped, and a connection that ends does so in a way that lets the answer arrive.
#pragma once

#include "proxy/downstream/http1_client.hpp"
#include "proxy/exchange/exchange.hpp"

namespace bearward::proxy::downstream {

/// After an answer (exchange::answered): until the next request can be read, or, where
/// http1_client::goes_on() is false in the end, until the connection may be closed.
awaitable<> end_answer(http1_client& client, exchange& x);

} // namespace bearward::proxy::downstream
