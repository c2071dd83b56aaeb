#include "proxy/exchange/answer.hpp"

#include "policies/judge_notice.hpp"
#include "policies/reason_table.hpp"
#include "policies/requests/target.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/permitted.hpp"
#include "proxy/exchange/reject_websocket.hpp"
#include "proxy/exchange/relay_causes.hpp"
#include "proxy/exchange/route_fields.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/http/permit_reply.hpp"
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
std::vector<std::string> find_allowed(const http::request_head& head, const rules_generation& generation) {
    const auto& rules = generation.rules->rules();
    policies::requests::path_scratch memory;
    const auto path = policies::requests::parse_path(head.path, rules.path_reading, memory);
    if (!path) {
        return {};
    }
    if (policies::find_receiver(rules, path->path) != nullptr) {
        return {"POST"};
    }
    return rules.routes.find(path->path, head.host, head.method, generation.listener).allow;
}

/// Writes the answer that was made. `certain`: where the request ends can be found.
awaitable<> write_answer(client_stream& client, exchange& x, bool certain) {
    add_route_fields(x.rate, x.answer_head);
    const http::request_rest rest{.certain = certain,
                                  .begun = x.body_begun,
                                  .read = x.body_read || (x.body_begun && x.upload.source_done()),
                                  .unread_here = !x.from_client.empty()};
    client.put_answer(x.received.head, rest, x.answer_head, x.own_body, x.out);
    x.response_started = true;
    if (co_await write_all(client, x, x.out, x.generation.limits().write_timeout, x.account.record.bytes_out)) {
        x.answered = answered_by::bearward;
    } else {
        client.give_up();
    }
}

/// Makes an answer and writes it.
awaitable<> send(client_stream& client, exchange& x, http::local_reply reply, bool certain) {
    reply.request_id = x.account.request_id;
    reply.date = x.owner.http_date();
    reply.navigation = x.account.navigation;
    reply.cors = &x.cors;
    x.account.record.status = reply.status;
    x.account.record.why = reply.why;
    count_decision(x.account);
    http::make_local_reply(reply, x.generation.rules->style, x.answer_head, x.own_body);
    co_await write_answer(client, x, certain);
}

} // namespace

awaitable<> answer_refused(client_stream& client, exchange& x) {
    const form_refusal& outcome = x.received.refused;
    static constexpr std::array<http::header, 1> version_13{http::header{"Sec-WebSocket-Version", "13"}};
    // What a refused head says can't be relied on; a recoverable one was whole.
    choose_request_id(x.account, x.received, x.owner, outcome.recoverable);
    x.take_cors(nullptr);
    begin_record(x.account, client, x.received, x.generation, x.owner, nullptr, nullptr);
    x.account.record.cause = outcome.status == 408 ? describe_late_head(x.generation.limits().request_head_timeout)
                                                   : describe_refused_head(outcome.detail, x.generation.rules->request_limits);
    x.account.decision = {.why = outcome.why};
    http::local_reply reply{.why = outcome.why, .status = outcome.status};
    reply.head_request = outcome.recoverable && x.received.wants_head_alone();
    if (outcome.status == 426) {
        reply.extra = version_13;
    }
    const std::vector<std::string> allow = outcome.status == 405 ? find_allowed(x.received.head, x.generation) : std::vector<std::string>{};
    reply.allow = allow;
    co_await send(client, x, reply, outcome.recoverable);
}

awaitable<> answer_denied(client_stream& client, exchange& x, const policies::denial& denied) {
    begin_record(x.account, client, x.received, x.generation, x.owner, denied.route, denied.who.get());
    x.take_cors(denied.route);
    x.account.record.cause = denied.cause;
    x.account.decision = {.why = denied.why};
    auto what = policies::answer_for(denied.why);
    if (x.received.websocket && !x.received.for_another &&
        websocket::rejects_by_close(denied, what, x.received.head.find("Origin").data() != nullptr)) {
        what.close_code = policies::choose_close_code(denied.route->websocket.closes_with, denied.why);
        co_await accept_and_close(client, x, denied, what);
        co_return;
    }
    http::local_reply reply = make_refusal(denied);
    reply.head_request = x.received.wants_head_alone();
    co_await send(client, x, reply, true);
}

http::local_reply make_refusal(const policies::denial& denied) {
    http::local_reply reply{.why = denied.why,
                            .status = policies::answer_for(denied.why).status,
                            .needs = policies::needs_of(denied),
                            .dpop = http::dpop_of(denied),
                            .bad_proof = denied.bad_proof,
                            .resource_metadata = http::metadata_of(denied),
                            .allow = denied.allow};
    reply.retry_after = static_cast<unsigned>(denied.retry_after.count());
    return reply;
}

awaitable<> answer_own(client_stream& client, exchange& x, http::local_reply reply, bool certain) {
    x.account.decision = {.why = reply.why};
    reply.head_request = x.account.record.method == "HEAD";
    co_await send(client, x, reply, certain);
}

awaitable<> answer_preflight(client_stream& client, exchange& x, const policies::rules::route& route) {
    begin_record(x.account, client, x.received, x.generation, x.owner, &route, nullptr);
    x.take_cors(&route);
    x.account.decision = {.why = reason::public_route};
    co_await send(client, x, {.why = reason::public_route, .status = 204, .preflight = true}, true);
}

awaitable<> answer_lapsed(client_stream& client, exchange& x, const policies::rules::route& route, reason why) {
    const policies::denial lapsed{.why = why, .route = &route};
    http::local_reply reply{.why = why,
                            .status = policies::answer_for(why).status,
                            .dpop = http::dpop_of(lapsed),
                            .resource_metadata = http::metadata_of(lapsed)};
    reply.head_request = x.account.record.method == "HEAD";
    x.account.record.observed = reason::ok;
    x.account.decision = {.why = why};
    co_await send(client, x, reply, x.upload.source_done());
}

awaitable<> answer_metadata(client_stream& client, exchange& x, const policies::resource_metadata& wanted) {
    begin_record(x.account, client, x.received, x.generation, x.owner, nullptr, nullptr);
    x.account.decision = {.why = reason::public_route};
    http::local_reply reply{.why = reason::public_route, .status = 200};
    reply.head_request = x.received.wants_head_alone();
    reply.json = wanted.document;
    reply.published = true;
    co_await send(client, x, reply, true);
}

awaitable<> answer_permitted(client_stream& client, exchange& x, const policies::permit& leave) {
    record_permit(client, x, leave);
    const auto& upstreams = x.generation.rules->settings.upstreams;
    const std::uint32_t upstream = leave.route().upstream;
    const http::permit_reply reply{
        .leave = leave,
        .rules = x.generation.rules->rewrite,
        .assertion =
            make_assertion(x, leave, upstream < upstreams.size() ? std::string_view(upstreams[upstream].name) : std::string_view{}),
        .request_id = x.account.request_id,
        .date = x.owner.http_date()};
    x.account.record.status = 200;
    if (const auto* const noted = leave.observation()) {
        x.account.record.cause = noted->cause;
    }
    count_decision(x.account);
    http::make_permit_reply(reply, x.answer_head);
    x.own_body.clear();
    co_await write_answer(client, x, true);
}

awaitable<> answer_failure(client_stream& client, exchange& x, unsigned status, reason why, bool may_go_on) {
    http::local_reply reply{.why = why, .status = status};
    reply.head_request = x.account.record.method == "HEAD";
    x.account.record.observed = reason::ok; // it was not forwarded, or without success: why matters more
    co_await send(client, x, reply, may_go_on);
}

} // namespace bearward::proxy
