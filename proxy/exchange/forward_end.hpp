// What follows a relay that brought no whole answer.
#pragma once

#include "proxy/exchange/relay.hpp"

namespace bearward::proxy {

/// The body is over the route's max_body: a refusal in the permit's place.
awaitable<> answer_too_large(client_stream& client, exchange& x, bool may_go_on);

/// After is_lapse(end): a 401, or the end of an answer that was running.
awaitable<> finish_lapsed(client_stream& client, exchange& x, const policies::permit& leave, relay_end end);

/// Anything but a whole answer: what can still be said is said, else the connection
/// is broken off.
awaitable<> finish_failure(client_stream& client, exchange& x, relay_end end);

} // namespace bearward::proxy
