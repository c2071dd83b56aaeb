// What follows a relay: the answer to a request that got none, or the end of the
// client's connection.
#pragma once

#include "proxy/downstream/relay.hpp"

namespace bearward::proxy::downstream {

/// The body is over the route's max_body: a refusal in the permit's place.
awaitable<> answer_too_large(client_stream& client, exchange& x, bool may_go_on);

/// The upstream's answer is with the client: its connection goes on, or ends in a way
/// that lets the client read the answer.
awaitable<> finish_answer(client_stream& client, exchange& x);

/// Anything but a whole answer: what can still be said is said, else the connection
/// is broken off.
awaitable<> finish_failure(client_stream& client, exchange& x, relay_end end);

} // namespace bearward::proxy::downstream
