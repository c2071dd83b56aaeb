// What HTTP/1 owes a client once its answer is written: the rest of the request's body is read
// and dropped, and a connection that ends does so in a way that lets the answer arrive.
#pragma once

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"

namespace bearward::proxy::downstream {

/// After an answer (exchange::answered): until the next request can be read, or, where
/// exchange::keep_alive is false in the end, until the connection may be closed.
awaitable<> end_answer(client_stream& client, exchange& x);

} // namespace bearward::proxy::downstream
