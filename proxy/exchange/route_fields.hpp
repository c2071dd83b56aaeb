// What every answer of a route says besides, whoever made it.
#pragma once

#include "policies/rules/rate_limit.hpp"
#include "proxy/http/outgoing_head.hpp"

namespace bearward::proxy {

/// RateLimit-Policy, and RateLimit where the request was counted. Nothing without a limit.
void add_route_fields(const policies::rules::rate_report& rate, http::outgoing_response& head);

} // namespace bearward::proxy
