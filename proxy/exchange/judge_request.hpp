// From a request to what is decided of it: asked as often as something is needed to say.
#pragma once

#include "policies/inquiry.hpp"
#include "policies/rules/route.hpp"
#include "proxy/event/net.hpp"

namespace bearward::proxy {

class client_stream;
struct exchange;

/// Puts what is decided into the exchange: a permit, a denial, a preflight or a need. `on`: by this route, for a request
/// that goes nowhere; null: by the request's own.
void judge_request(const client_stream& client, exchange& x, policies::inquiry& asks, const policies::rules::route* on = nullptr);

/// Where it is a need: waits for it and asks again, once. False: there is nobody to answer any more.
[[nodiscard]] awaitable<bool> serve_needs(client_stream& client, exchange& x, policies::inquiry& asks,
                                          const policies::rules::route* on = nullptr);

} // namespace bearward::proxy
