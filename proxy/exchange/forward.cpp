#include "proxy/exchange/forward.hpp"

#include "policies/requests/method.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/forward_end.hpp"
#include "proxy/exchange/permitted.hpp"
#include "proxy/exchange/relay.hpp"
#include "proxy/exchange/relay_causes.hpp"
#include "proxy/exchange/upgrade.hpp"
#include "proxy/http/write_head.hpp"
#include "proxy/upstream/pool_state.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {
namespace {

using policies::reason;

/// Whether the whole body lies in the buffer, so that it can be sent again.
bool replayable(const http::request_head& request, const read_buffer& from_client) {
    switch (request.framing) {
    case http::body_framing::none:
        return true;
    case http::body_framing::content_length:
        return request.content_length <= from_client.size();
    default:
        return false;
    }
}

/// What ran on one connection.
struct attempt {
    relay_outcome outcome;
    upstream::lease held;
};

/// Writes the head that this server gets.
void prepare_head(const client_stream& client, exchange& x, const policies::permit& leave, const upstream::group& servers,
                  const upstream::pool& to, upstream_attempt& out) {
    const http::forward_context context{
        .peer_address = client.client_address(),
        .trusted_peer = x.generation.trusts_peer,
        .scheme = client.secure() ? "https" : "http",
        .request_id = x.account.request_id,
        .upstream_host = servers.settings().forward_host ? std::string_view{} : to.host(),
        .path = x.received.path.path,
        .assertion = make_assertion(x, leave, servers.settings().name),
        .certificate = client.certificate(),
        .trace = x.account.span.chosen ? &x.account.span.trace : nullptr,
    };
    http::make_upstream_head(x.received.head, leave, x.generation.rules->rewrite, context, x.received.websocket, out.head);
    out.head_text.clear();
    http::write_head(out.head, out.head_text);
}

/// Leases, relays, and sends again once where proxy/BEHAVIOUR.md 6.4 allows it.
awaitable<std::expected<attempt, upstream::connect_error>> run_attempts(client_stream& client, exchange& x, upstream::group& servers,
                                                                        const policies::permit& leave) {
    upstream::failed_request facts{.replayable = replayable(x.received.head, x.from_client),
                                   .idempotent = policies::requests::is_idempotent(x.account.record.method)};
    // Where a failed request can't be sent again the kernel is asked first, since one call is cheaper than a 502.
    auto which = facts.replayable && facts.idempotent ? upstream::pooled::any : upstream::pooled::checked;
    const relay_limits allowed{.response_timeout = leave.route().response_timeout.value_or(servers.settings().response_timeout),
                               .write_timeout = servers.settings().write_timeout,
                               .max_body = leave.route().max_body,
                               .drops_body = leave.preflight() && x.received.head.framing != http::body_framing::none};
    const std::size_t position = x.from_client.position();
    // All that came in this turn is read before the first of it is sent on.
    x.owner.loop().at_turn_end(x.wake);
    co_await x.wake.wait();
    std::size_t server = servers.choose();
    const upstream::pool* head_for = nullptr;
    auto held = servers.at(server).take_idle(which);
    while (true) {
        if (!held) {
            auto made = co_await servers.connect(server, which);
            if (!made) {
                co_return std::unexpected(made.error());
            }
            held = std::move(*made);
        }
        if (head_for == nullptr || (head_for != &held->owner() && !servers.settings().forward_host)) {
            prepare_head(client, x, leave, servers, held->owner(), x.attempt);
        }
        head_for = &held->owner();
        x.account.record.upstream = head_for->server();
        x.attempt.from_upstream.clear(exchange::buffer_size);
        const auto outcome = co_await run_relay(client, x, *held, allowed, leave);
        const bool dead = outcome.end == relay_end::dead;
        if (dead) {
            held->owner().note_death();
        }
        facts.pooled = held->reused();
        facts.response_began = !dead;
        facts.written = x.upload.wrote();
        if (!may_send_again(facts)) {
            co_return attempt{outcome, std::move(held)};
        }
        server = servers.place_of(*head_for);
        which = upstream::pooled::none;
        x.from_client.rewind(position);
        x.body_begun = false;
        x.account.record.cause.clear();
        held.discard();
    }
}

/// What is known of the connection now that its response has come. `method`: the request's, which
/// was in a buffer that its body has passed through since.
upstream::served_request describe_use(const received_request& received, std::string_view method, const http::body_pump& upload,
                                      const upstream_attempt& attempt, bool interim_seen) {
    const auto& response = attempt.response;
    return {.keep_alive = response.keep_alive,
            .until_close = response.framing == http::body_framing::until_close,
            .request_sent = upload.sink_done(),
            .bytes_left_over = !attempt.from_upstream.empty(),
            .head_request = method == "HEAD",
            .body_missing = response.status == 204 || response.status == 205 || response.status == 304,
            .awaits_continue = received.head.expects_continue && !interim_seen};
}

/// Publishes what the server is to blame for.
void note_failure(std::string& cause, relay_end end, upstream::pool& server) {
    if (end == relay_end::upgraded) {
        cause = "response: a 101 that nobody asked for";
    }
    switch (end) {
    case relay_end::dead:
    case relay_end::bad_response:
    case relay_end::upgraded:
    case relay_end::timed_out:
    case relay_end::broken:
        server.note_error(cause);
        break;
    default:
        break;
    }
}

/// Where nothing else went wrong, the cause is that of the denial which was only noted.
void record_observed_cause(std::string& cause, const policies::permit& leave) {
    if (const auto* const noted = leave.observation(); noted != nullptr && cause.empty()) {
        cause = noted->cause;
    }
}

} // namespace

awaitable<> forward(client_stream& client, exchange& x, const policies::permit& leave) {
    record_permit(client, x, leave);
    if (x.received.head.framing == http::body_framing::content_length && x.received.head.content_length > leave.route().max_body) {
        x.account.record.cause = describe_long_body(x.received.head.content_length, leave.route().max_body);
        co_await answer_too_large(client, x, true);
        co_return;
    }
    if (leave.route().upstream == policies::rules::no_upstream) {
        x.account.record.cause = "a reload has closed its listener, and the route has no upstream";
        co_await answer_failure(client, x, 503, reason::upstream_unavailable, false);
        co_return;
    }
    auto& servers = *x.generation.upstreams->at(leave.route().upstream);
    x.account.upstream_counts = &servers.counts();
    if (const auto& changes = leave.route().response_headers; !changes.empty()) {
        x.attempt.response_changes = &changes;
    }

    const auto asked = std::chrono::steady_clock::now();
    auto tried = co_await run_attempts(client, x, servers, leave);
    x.account.record.upstream_duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - asked);
    if (!tried) {
        const bool late = tried.error().what == upstream::connect_error::kind::timed_out;
        x.account.record.cause = std::move(tried.error().cause);
        co_await answer_failure(client, x, late ? 504 : 502, late ? reason::upstream_timeout : reason::upstream_unavailable, true);
        co_return;
    }
    auto& [outcome, held] = *tried;
    x.account.record.bytes_in = x.upload.body_bytes();
    if (x.response_started) {
        x.account.record.bytes_out += x.download.bytes_written();
    }
    if (outcome.end == relay_end::upgraded && x.received.websocket) {
        record_observed_cause(x.account.record.cause, leave);
        co_await open_tunnel(client, x, std::move(held), leave);
    } else if (outcome.end == relay_end::complete) {
        record_observed_cause(x.account.record.cause, leave);
        held->owner().note_answer();
        held.give_back(describe_use(x.received, x.account.record.method, x.upload, x.attempt, outcome.interim_seen));
        x.answered = answered_by::upstream;
    } else if (is_lapse(outcome.end)) {
        held->peer().reset(); // the app's work on it is over
        held.discard();
        co_await finish_lapsed(client, x, leave, outcome.end);
    } else {
        note_failure(x.account.record.cause, outcome.end, held->owner());
        if (!x.upload.sink_done() || held->peer().has_unsent()) {
            held->peer().reset(); // an end would wait behind what the server does not read
        }
        held.discard();
        co_await finish_failure(client, x, outcome.end);
    }
    x.guard.reset();
}

} // namespace bearward::proxy
