// The way of a request. Read run_exchange first: it is the table of contents of the
// program.
#pragma once

#include "proxy/event/net.hpp"

namespace bearward::proxy {

struct exchange;

class client_stream;

/// Judges one request and sees to its answer: steps 3 to 9. Its head has been read into `x`. What
/// has become of the client is in exchange::answered, what may follow the answer in client_stream.
[[nodiscard]] awaitable<> run_exchange(client_stream& client, exchange& x);

} // namespace bearward::proxy
