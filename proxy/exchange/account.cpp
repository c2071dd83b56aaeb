#include "proxy/exchange/account.hpp"

#include "policies/requests/client_address.hpp"
#include "policies/requests/method.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/worker_context.hpp"

#include <utility>

namespace bearward::proxy {

void choose_request_id(exchange& x, bool trusts_head) {
    if (!x.request_id.empty()) {
        return;
    }
    if (trusts_head) {
        x.request_id = http::accept_request_id(x.request);
    }
    if (x.request_id.empty()) {
        x.owner.append_request_id(x.request_id);
    }
}

void begin_record(const client_stream& client, exchange& x, const policies::rules::route* route, const policies::identity* who) {
    choose_request_id(x, true);
    x.counts = &x.rules->counters_of(x.owner.index(), route);
    auto& record = x.record;
    record.time = std::chrono::system_clock::now();
    record.request_id = x.request_id;
    const auto& trusted = x.rules->settings.trusted_proxies;
    record.client = policies::requests::find_client_address(client.client_address(), x.request.fields, trusted);
    record.method = x.request.method;
    const auto path = x.path.path.empty() ? x.request.path : x.path.path;
    record.path.clear();
    append_masked_target(record.path, path, x.request.query, x.request.has_query, x.rules->token_parameters);
    record.websocket = x.websocket;
    record.protocol = x.request.method.empty() ? std::string_view{} : x.request.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
    if (route != nullptr) {
        record.route = route->name;
    }
    if (who != nullptr) {
        record.user = who->user;
        record.tenant = who->tenant;
    }
}

void count_decision(exchange& x) {
    if (!std::exchange(x.decision.counted, true)) {
        x.counts->decided(x.decision.why, x.decision.mode);
    }
}

void count_request(exchange& x, std::chrono::microseconds took) {
    count_decision(x);
    x.counts->requests.add(policies::requests::classify_method(x.record.method), x.record.status);
    x.counts->duration.observe(took);
    if (x.upstream_counts != nullptr) {
        x.upstream_counts->duration.observe(x.record.upstream_duration);
        x.upstream_counts->failed(x.record.why);
    }
}

void finish_record(exchange& x) {
    if (x.record.status == 0) {
        return; // nothing to tell, finished before, or handed on to a tunnel
    }
    x.record.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - x.started);
    count_request(x, x.record.duration);
    if (x.owner.log().wants(x.record.told())) {
        x.owner.log().write(std::move(x.record));
    }
    x.record.clear();
}

} // namespace bearward::proxy
