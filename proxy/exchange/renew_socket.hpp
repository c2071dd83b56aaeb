// POST /.bearward/renew: an open WebSocket goes on with a fresh token (proxy/BEHAVIOUR.md 23).
#pragma once

#include "proxy/event/net.hpp"

namespace bearward::proxy {

class client_stream;
struct exchange;

/// Whether the request is one. Only where a route has `renewal`.
[[nodiscard]] bool is_renewal(const exchange& x) noexcept;

/// Answers it: 204, or why not.
[[nodiscard]] awaitable<> renew_socket(client_stream& client, exchange& x);

} // namespace bearward::proxy
