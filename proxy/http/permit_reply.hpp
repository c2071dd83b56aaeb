// The answer to another proxy that asked about a request, and may forward it.
#pragma once

#include "policies/decision.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/outgoing_head.hpp"

#include <string_view>

namespace bearward::proxy::http {

struct permit_reply {
    const policies::permit& leave;
    const rewrite_rules& rules;
    header assertion{}; ///< without name: none is made; without value: there is none for this request
    std::string_view request_id{};
    std::string_view date{}; ///< as local_reply::date
};

/// Makes the head of a 200 without a body, with every identity header: one without a value is there and empty, so that
/// it replaces what the client sent. It holds views into all that is given.
void make_permit_reply(const permit_reply& reply, outgoing_response& head);

} // namespace bearward::proxy::http
