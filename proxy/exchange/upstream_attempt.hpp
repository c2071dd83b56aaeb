// A request on its way to an upstream's server, and what comes back.
#pragma once

#include "policies/rules/route.hpp"
#include "proxy/event/read_buffer.hpp"
#include "proxy/http/head.hpp"
#include "proxy/http/outgoing_head.hpp"

#include <string>

namespace bearward::proxy {

struct upstream_attempt {
    http::outgoing_request head; ///< what the request becomes
    std::string head_text;       ///< the same as it is sent
    read_buffer from_upstream;
    http::response_head response;                                      ///< views into `from_upstream`
    const policies::rules::header_changes* response_changes = nullptr; ///< of the request's route; null: none
};

} // namespace bearward::proxy
