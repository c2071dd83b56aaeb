#include "proxy/exchange/answer.hpp"

#include "policies/reason_table.hpp"
#include "policies/requests/target.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/reject_websocket.hpp"
#include "proxy/exchange/relay_causes.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/http/write_head.hpp"
#include "proxy/websocket/rejection.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bearward::proxy {
namespace {

using policies::reason;

/// The methods that are served where a refused TRACE pointed; empty: no route lists
/// any, or the head is not whole.
std::vector<std::string> find_allowed(const http::request_head& head, const rules_generation& generation,
                                      policies::requests::path_scratch& memory) {
    const auto& rules = generation.rules->rules();
    const auto path = policies::requests::parse_path(head.path, rules.path_reading, memory);
    if (!path) {
        return {};
    }
    return rules.routes.find(path->path, head.host, head.method, generation.listener).allow;
}

/// Writes the answer.
awaitable<> send(client_stream& client, exchange& x, http::local_reply reply, bool may_go_on) {
    const auto& request = x.received.head;
    // An unread body that is too long: said at once. Chunked ones show it later.
    const bool short_body = request.framing != http::body_framing::content_length || request.content_length <= longest_dropped_body ||
                            (x.body_begun && x.upload.source_done());
    x.keep_alive = may_go_on && request.keep_alive && short_body && !request.expects_continue && !x.owner.draining();
    reply.request_id = x.account.request_id;
    reply.date = x.owner.http_date();
    reply.connection = http::choose_connection_use(x.keep_alive, request.minor_version);
    x.account.record.status = reply.status;
    x.account.record.why = reply.why;
    count_decision(x.account);
    http::make_local_reply(reply, x.generation.rules->style, x.answer_head, x.own_body);
    x.out.clear();
    http::write_head(x.answer_head, x.out);
    x.out += x.own_body;
    x.response_started = true;
    if (!co_await write_all(client, x, x.out)) {
        x.keep_alive = false;
        co_return;
    }
    // Who waits for 100 Continue sends no body now, and where the framing is in doubt nobody knows its end.
    const bool body_comes = (may_go_on || x.body_begun) && !(request.expects_continue && x.from_client.empty());
    x.answered = body_comes ? answered_by::bearward : answered_by::bearward_in_doubt;
}

} // namespace

awaitable<> answer_refused(client_stream& client, exchange& x) {
    const form_refusal& outcome = x.received.refused;
    static constexpr std::array<http::header, 1> version_13{http::header{"Sec-WebSocket-Version", "13"}};
    // What a refused head says can't be relied on; a recoverable one was whole.
    choose_request_id(x.account, x.received, x.owner, outcome.recoverable);
    begin_record(x.account, x.received, x.generation, client.client_address(), x.owner, nullptr, nullptr);
    x.account.record.cause = outcome.status == 408 ? describe_late_head(x.generation.rules->settings.limits.request_head_timeout)
                                                   : describe_refused_head(outcome.detail, x.generation.rules->request_limits);
    x.account.decision = {.why = outcome.why};
    http::local_reply reply{.why = outcome.why, .status = outcome.status};
    reply.head_request = outcome.recoverable && x.received.head.method == "HEAD";
    if (outcome.status == 426) {
        reply.extra = version_13;
    }
    const std::vector<std::string> allow =
        outcome.status == 405 ? find_allowed(x.received.head, x.generation, x.received.path_memory) : std::vector<std::string>{};
    reply.allow = allow;
    co_await send(client, x, reply, outcome.recoverable);
}

awaitable<> answer_denied(client_stream& client, exchange& x, const policies::denial& denied) {
    begin_record(x.account, x.received, x.generation, client.client_address(), x.owner, denied.route, denied.who.get());
    x.account.record.cause = denied.cause;
    x.account.decision = {.why = denied.why};
    auto what = policies::answer_for(denied.why);
    if (x.received.websocket && websocket::rejects_by_close(denied, what, x.received.head.find("Origin").data() != nullptr)) {
        what.close_code = policies::choose_close_code(denied.route->websocket.closes_with, denied.why);
        co_await accept_and_close(client, x, denied, what);
        co_return;
    }
    http::local_reply reply{.why = denied.why, .status = what.status, .scope = denied.scope, .allow = denied.allow};
    reply.retry_after = static_cast<unsigned>(denied.retry_after.count());
    reply.head_request = x.received.head.method == "HEAD";
    co_await send(client, x, reply, true);
}

awaitable<> answer_failure(client_stream& client, exchange& x, unsigned status, reason why, bool may_go_on) {
    http::local_reply reply{.why = why, .status = status};
    reply.head_request = x.account.record.method == "HEAD";
    x.account.record.observed = reason::ok; // it was not forwarded, or without success: why matters more
    co_await send(client, x, reply, may_go_on);
}

} // namespace bearward::proxy
