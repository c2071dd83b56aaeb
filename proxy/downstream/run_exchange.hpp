// The way of a request. Read run_exchange first: it is the table of contents of the
// program.
#pragma once

#include "proxy/event/net.hpp"

namespace bearward::proxy {

struct exchange;

namespace downstream {

class client_stream;

/// Serves requests on a connection until nothing more has come, or it ends.
/// Returns whether the connection goes on.
[[nodiscard]] awaitable<bool> run_exchange(client_stream& client, exchange& x);

} // namespace downstream
} // namespace bearward::proxy
