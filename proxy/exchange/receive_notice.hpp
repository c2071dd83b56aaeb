// POST to a receiver's path: an issuer tells what counts no longer (proxy/BEHAVIOUR.md 31; OpenID
// Connect Back-Channel Logout 1.0, RFC 8935).
#pragma once

#include "policies/snapshot.hpp"
#include "proxy/event/net.hpp"

namespace bearward::proxy {

class client_stream;
struct exchange;

/// Answers it: once what it says is kept, or why not.
[[nodiscard]] awaitable<> receive_notice(client_stream& client, exchange& x, const policies::revocation_receiver& by);

} // namespace bearward::proxy
