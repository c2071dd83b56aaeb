#include "proxy/downstream/answer.hpp"

#include "policies/answer.hpp"
#include "policies/requests/client_address.hpp"
#include "proxy/downstream/client_stream.hpp"
#include "proxy/downstream/relay_causes.hpp"
#include "proxy/downstream/write.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/websocket/close_frame.hpp"
#include "proxy/websocket/frame_scanner.hpp"
#include "proxy/websocket/handshake.hpp"
#include "proxy/websocket/rejection.hpp"
#include "proxy/worker_context.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bearward::proxy::downstream {
namespace {

using policies::reason;

/// Contract 4: up to 2 s for the client's Close.
constexpr std::chrono::milliseconds close_grace{2000};
constexpr std::size_t most_after_close = std::size_t{64} * 1024;

void choose_request_id(exchange& x, bool head_is_sound) {
    if (!x.request_id.empty()) {
        return;
    }
    if (head_is_sound) {
        x.request_id = http::accept_request_id(x.request);
    }
    if (x.request_id.empty()) {
        x.owner.append_request_id(x.request_id);
    }
}

/// The methods that are served where a refused TRACE pointed; empty: no route lists
/// any, or the head is not whole.
std::vector<std::string> find_allowed(exchange& x) {
    const auto& rules = x.rules->rules();
    const auto path = policies::requests::parse_path(x.request.path, rules.path_reading, x.path_memory);
    if (!path) {
        return {};
    }
    return rules.routes.find(path->path, x.request.host, x.request.method, x.listener).allow;
}

/// Writes the answer, deals with the request's body, closes where that is due.
awaitable<> send(client_stream& client, exchange& x, http::local_reply reply, bool may_go_on) {
    const auto& request = x.request;
    // An unread body that is too long: said at once. Chunked ones show it later.
    const bool short_body = request.framing != http::body_framing::content_length || request.content_length <= after_own_answer.bytes;
    x.keep_alive = may_go_on && request.keep_alive && short_body && !request.expects_continue && !x.owner.draining();
    reply.request_id = x.request_id;
    reply.date = x.owner.http_date();
    reply.close = !x.keep_alive;
    reply.keep_alive_http10 = x.keep_alive && request.minor_version == 0;
    x.record.status = reply.status;
    x.record.why = reply.why;
    count_decision(x);
    x.out.clear();
    http::make_local_reply(reply, x.rules->style, x.out);
    x.response_started = true;
    if (!co_await write_all(client, x, x.out)) {
        x.keep_alive = false;
        co_return;
    }
    if (x.keep_alive) {
        const auto how = co_await drop_body(client, x, after_own_answer);
        if (how == dropped::whole) {
            co_return;
        }
        x.keep_alive = false;
        if (how == dropped::in_part) {
            co_await linger(client, x, 0);
        }
        co_return;
    }
    // All is known that the log says: it does not wait for a body that is dropped.
    finish_record(client, x);
    x.record.clear();
    // Who waits for 100 Continue sends no body now, and where the framing is in doubt nobody knows its end.
    const bool body_comes = (may_go_on || x.body_begun) && !(request.expects_continue && x.from_client.empty());
    if (body_comes) {
        co_await drop_and_linger(client, x, after_own_answer);
    } else {
        co_await linger(client, x);
    }
}

/// Waits for the client's Close, its end, or the grace time.
awaitable<> await_close(client_stream& client, exchange& x) {
    websocket::frame_scanner scanner;
    stream& peer = client.peer();
    x.read_deadline.arm(close_grace);
    scanner.scan(x.from_client.data());
    x.from_client.clear(exchange::buffer_size);
    std::size_t total = 0; // who sends on and on instead of closing is not heard out
    for (int reads = 1; (!scanner.close_seen() || !scanner.at_boundary()) && total <= most_after_close; ++reads) {
        if (x.owner.stopping() || x.read_deadline.expired()) {
            co_return;
        }
        if (!peer.readable() || reads % reads_a_turn == 0) {
            peer.readable() ? x.owner.loop().give_up_turn(x.wake) : peer.want_read();
            co_await x.wake.wait();
            continue;
        }
        const auto space = x.from_client.make_space(exchange::buffer_size);
        const auto got = peer.read_some(space);
        if (!got.done() && !got.would_block()) {
            co_return;
        }
        total += got.bytes;
        scanner.scan({space.data(), got.bytes});
    }
}

awaitable<> accept_and_close(client_stream& client, exchange& x, const policies::denial& denied, const policies::answer& what) {
    x.out.clear();
    websocket::make_client_handshake(x.request.find("Sec-WebSocket-Key"), websocket::choose_rejection_subprotocol(denied.subprotocols),
                                     x.request_id, nullptr, nullptr, x.out);
    x.out += websocket::make_server_close(what.close_code, what.detail);
    x.response_started = true;
    x.record.status = 101;
    x.record.close_code = what.close_code;
    x.record.closed_by = closer::bearward;
    x.record.why = denied.why;
    x.counts->closed(denied.why);
    count_decision(x);
    if (co_await write_all(client, x, x.out)) {
        co_await await_close(client, x);
    }
}

} // namespace

awaitable<> answer_refused(client_stream& client, exchange& x, const read_outcome& outcome) {
    static constexpr std::array<http::header, 1> version_13{http::header{"Sec-WebSocket-Version", "13"}};
    // What a refused head says can't be relied on; a recoverable one was whole.
    choose_request_id(x, outcome.recoverable);
    if (!outcome.recoverable) {
        x.request.fields.clear();
    }
    begin_record(client, x, nullptr, nullptr);
    x.record.cause = outcome.status == 408 ? describe_late_head(x.rules->settings.limits.request_head_timeout)
                                           : describe_refused_head(outcome.detail, x.rules->request_limits);
    x.decision = {.why = outcome.why};
    http::local_reply reply{.why = outcome.why, .status = outcome.status};
    reply.head_request = outcome.recoverable && x.request.method == "HEAD";
    if (outcome.status == 426) {
        reply.extra = version_13;
    }
    const std::vector<std::string> allow = outcome.status == 405 ? find_allowed(x) : std::vector<std::string>{};
    reply.allow = allow;
    co_await send(client, x, reply, outcome.recoverable);
}

awaitable<> answer_denied(client_stream& client, exchange& x, const policies::denial& denied) {
    choose_request_id(x, true);
    begin_record(client, x, denied.route, denied.who.get());
    x.record.cause = denied.cause;
    x.decision = {.why = denied.why};
    auto what = policies::answer_for(denied.why);
    if (x.websocket && websocket::rejects_by_close(denied, what, x.request.find("Origin").data() != nullptr)) {
        what.close_code = policies::choose_close_code(denied.route->websocket.closes_with, denied.why);
        co_await accept_and_close(client, x, denied, what);
        co_return;
    }
    http::local_reply reply{.why = denied.why, .status = what.status, .scope = denied.scope, .allow = denied.allow};
    reply.head_request = x.request.method == "HEAD";
    co_await send(client, x, reply, true);
}

awaitable<> answer_failure(client_stream& client, exchange& x, unsigned status, reason why, bool may_go_on) {
    http::local_reply reply{.why = why, .status = status};
    reply.head_request = x.record.method == "HEAD";
    if (!may_go_on) {
        x.request.keep_alive = false;
    }
    x.record.observed = reason::ok; // it was not forwarded, or in vain: why matters more
    co_await send(client, x, reply, may_go_on);
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
    x.counts->requests.add(method_index(x.record.method), x.record.status);
    x.counts->duration.observe(took);
    if (x.upstream_counts != nullptr) {
        x.upstream_counts->duration.observe(x.record.upstream_duration);
        x.upstream_counts->failed(x.record.why);
    }
}

void finish_record(const client_stream&, exchange& x) {
    if (x.record.status == 0) {
        return; // nothing to tell, or handed on to a tunnel
    }
    x.record.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - x.started);
    count_request(x, x.record.duration);
    if (x.owner.log().wants(x.record.told())) {
        x.owner.log().write(std::move(x.record));
    }
}

} // namespace bearward::proxy::downstream
