#include "proxy/exchange/account.hpp"

#include "policies/requests/client_address.hpp"
#include "policies/requests/client_scheme.hpp"
#include "policies/requests/method.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/http/trace_context.hpp"
#include "proxy/worker_context.hpp"

#include <utility>

namespace bearward::proxy {
namespace {

/// Once: what was told to the upstream holds, whatever comes of the request.
void choose_span(request_span& span, const client_stream& client, const received_request& received, const rules_generation& generation,
                 worker_context& owner) {
    if (span.chosen) {
        return;
    }
    const auto& head = received.head;
    span.trace = owner.traces().choose(head.fields, generation.rules->settings.tracing->sample_ratio);
    span.chosen = true;
    if (span.sampled()) {
        const auto said = policies::requests::believed_scheme(head.fields, generation.trusts_peer);
        span.secure = said.empty() ? client.secure() : said == "https";
        if (!received.refused || received.refused.recoverable) { // else it may be another request's
            span.authority = head.authority;
        }
    }
}

/// The log's lines belong to the same trace as the span, or to the client's.
void note_trace(access_record& record, const request_span& span, const std::vector<http::header>& fields) {
    record.traceparent.clear();
    if (span.chosen) {
        http::append_traceparent(record.traceparent, span.trace.own);
    } else if (const auto parent = http::find_traceparent(fields)) {
        http::append_traceparent(record.traceparent, *parent);
    }
}

} // namespace

void request_account::begin() {
    record.clear();
    request_id.clear();
    decision = {};
    counts = nullptr;
    upstream_counts = nullptr;
    span.clear();
    navigation = false;
    started = std::chrono::steady_clock::now();
}

std::chrono::microseconds request_account::age() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
}

void choose_request_id(request_account& of, const received_request& received, worker_context& owner, bool trusts_head) {
    if (!of.request_id.empty()) {
        return;
    }
    if (trusts_head) {
        of.request_id = http::accept_request_id(received.head);
    }
    if (of.request_id.empty()) {
        owner.append_request_id(of.request_id);
    }
}

void begin_record(request_account& of, const client_stream& client, const received_request& received, const rules_generation& generation,
                  worker_context& owner, const policies::rules::route* route, const policies::identity* who) {
    choose_request_id(of, received, owner, true);
    of.counts = &generation.rules->counters_of(owner.index(), route);
    const auto& head = received.head;
    auto& record = of.record;
    record.time = std::chrono::system_clock::now();
    record.request_id = of.request_id;
    record.client = policies::requests::find_client_address(client.client_address(), head.fields, generation.trusted());
    record.method = head.method;
    const auto path = received.path.path.empty() ? head.path : received.path.path;
    record.path.clear();
    append_masked_target(record.path, path, head.query, head.has_query, generation.rules->token_parameters);
    record.host = head.authority;
    const auto believed = policies::requests::believed_scheme(head.fields, generation.trusts_peer);
    const std::string_view seen = client.secure() ? "https" : "http";
    record.scheme = believed.empty() ? seen : believed;
    of.navigation = generation.rules->style.pages && http::is_navigation(head);
    record.websocket = received.websocket;
    record.protocol = client_stream::protocol_of(head);
    if (generation.rules->settings.tracing) {
        choose_span(of.span, client, received, generation, owner);
    }
    note_trace(record, of.span, head.fields);
    if (route != nullptr) {
        record.route = route->name;
    }
    if (who != nullptr) {
        record.user = who->user;
        record.tenant = who->tenant;
    }
}

void count_decision(request_account& of) {
    if (!std::exchange(of.decision.counted, true)) {
        of.counts->decided(of.decision.why, of.decision.mode);
    }
}

void count_request(request_account& of, std::chrono::microseconds took) {
    count_decision(of);
    of.counts->requests.add(policies::requests::classify_method(of.record.method), of.record.status);
    of.counts->duration.observe(took);
    if (of.upstream_counts != nullptr) {
        of.upstream_counts->duration.observe(of.record.upstream_duration);
        of.upstream_counts->failed(of.record.why);
    }
}

void finish_record(request_account& of, worker_context& owner) {
    if (of.record.status == 0) {
        return; // nothing to tell, finished before, or handed on to a tunnel
    }
    of.record.duration = of.age();
    count_request(of, of.record.duration);
    if (of.span.sampled()) {
        owner.traces().finish(of.span, of.record, std::chrono::steady_clock::now() - of.started);
    }
    if (owner.log().wants(of.record.told())) {
        owner.log().write(std::move(of.record));
    }
    of.record.status = 0;
}

} // namespace bearward::proxy
