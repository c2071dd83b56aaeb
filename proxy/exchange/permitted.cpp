#include "proxy/exchange/permitted.hpp"

#include "proxy/exchange/account.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {

void record_permit(const client_stream& client, exchange& x, const policies::permit& leave) {
    const auto* const noted = leave.observation();
    begin_record(x.account, client, x.received, x.generation, x.owner, &leave.route(),
                 leave.who() == nullptr && noted != nullptr ? noted->who.get() : leave.who());
    x.take_cors(&leave.route());
    x.account.record.why = leave.why();
    if (noted == nullptr) {
        x.account.decision = {.why = leave.why()};
        return;
    }
    x.account.record.observed = noted->why;
    x.account.record.mode = noted->mode;
    x.account.decision = {.why = noted->why, .mode = noted->mode};
}

http::header make_assertion(exchange& x, const policies::permit& leave, std::string_view upstream) {
    const auto& rules = x.generation.rules->rules().assertion;
    if (rules == nullptr) {
        return {};
    }
    if (leave.who() == nullptr) {
        return {rules->header, {}};
    }
    const std::string_view forwarded = x.received.for_another ? x.received.path.path : http::forwarded_path(leave, x.received.path.path);
    const std::string_view path = x.received.head.asterisk ? std::string_view("*") : forwarded;
    const policies::asserted_request about{.who = *leave.who(),
                                           .audience = rules->audience.empty() ? upstream : rules->audience,
                                           .method = x.received.head.method,
                                           .path = path};
    return {rules->header, x.owner.assertions().find_or_make(*rules, about, x.owner.outside_now().now())};
}

} // namespace bearward::proxy
