#include "proxy/http/permit_reply.hpp"

#include "policies/decide.hpp"

namespace bearward::proxy::http {

void make_permit_reply(const permit_reply& reply, outgoing_response& head) {
    head.clear();
    head.status = 200;
    head.reason_phrase = "OK";
    head.set_framing(body_framing::content_length, 0);
    head.add("Cache-Control", "no-store");
    if (reply.rules.identity_headers != nullptr) {
        for (const policies::identity_header& each : *reply.rules.identity_headers) {
            std::string& value = head.make_text();
            value = reply.leave.who() == nullptr ? std::string() : policies::identity_header_value(each, *reply.leave.who());
            head.add(each.name, value);
        }
    }
    if (!reply.assertion.name.empty()) {
        head.add(reply.assertion.name, reply.assertion.value);
    }
    if (!reply.date.empty()) {
        head.add("Date", reply.date);
    }
    head.place_connection();
    if (!reply.request_id.empty()) {
        head.add("X-Request-Id", reply.request_id);
    }
}

} // namespace bearward::proxy::http
