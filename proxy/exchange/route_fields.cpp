#include "proxy/exchange/route_fields.hpp"

namespace bearward::proxy {

void add_route_fields(const policies::rules::rate_report& rate, http::outgoing_response& head) {
    if (rate.limit == nullptr) {
        return;
    }
    head.add("RateLimit-Policy", rate.limit->policy);
    if (rate.known) {
        std::string& left = head.make_text();
        append_rate_field(*rate.limit, rate.outcome, left);
        head.add("RateLimit", left);
    }
}

} // namespace bearward::proxy
