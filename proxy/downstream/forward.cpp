#include "proxy/downstream/forward.hpp"

#include "proxy/downstream/answer.hpp"
#include "proxy/downstream/relay.hpp"
#include "proxy/downstream/write.hpp"
#include "proxy/upstream/pool_state.hpp"
#include "proxy/websocket/handshake.hpp"
#include "proxy/worker.hpp"

#include <algorithm>
#include <array>

namespace bearward::proxy::downstream {
namespace {

using policies::reason;

/// RFC 9110 section 9.2.2.
bool idempotent(std::string_view method) {
    static constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"};
    return std::ranges::find(methods, method) != methods.end();
}

/// Whether the whole body lies in the buffer, so that it can be sent again.
bool replayable(const exchange& x) {
    switch (x.request.framing) {
    case http::body_framing::none:
        return true;
    case http::body_framing::content_length:
        return x.request.content_length <= x.from_client.size();
    default:
        return false;
    }
}

/// What ran on one connection.
struct attempt {
    relay_end end = relay_end::dead;
    upstream::lease held;
};

/// Writes the head that this server gets.
void prepare_head(connection& client, exchange& x, const policies::permit& leave, const upstream::group& servers,
                  const upstream::pool& to) {
    const http::forward_context context{
        .peer_address = client.client_address(),
        .trusted_peer = x.trusted_peer,
        .scheme = client.secure() ? "https" : "http",
        .request_id = x.request_id,
        .upstream_host = servers.settings().forward_host ? std::string_view{} : to.host(),
        .path = x.path.path,
    };
    x.upstream_head.clear();
    http::make_upstream_head(x.request, leave, x.rules->rewrite, context, x.websocket, x.upstream_head);
}

/// Leases, relays, and sends again once where contract 5 allows it.
awaitable<std::expected<attempt, upstream::connect_error>> run_attempts(connection& client, exchange& x, upstream::group& servers,
                                                                        const policies::permit& leave) {
    upstream::failed_request facts{.replayable = replayable(x), .idempotent = idempotent(x.record.method) && !x.websocket};
    // Where a failed request can't be sent again the kernel is asked first, since one call is cheaper than a 502.
    auto which = facts.replayable && facts.idempotent ? upstream::pooled::any : upstream::pooled::checked;
    const relay_limits allowed{.response_timeout = leave.route().response_timeout.value_or(servers.settings().response_timeout),
                               .max_body = leave.route().max_body};
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
            prepare_head(client, x, leave, servers, held->owner());
        }
        head_for = &held->owner();
        x.record.upstream = head_for->server();
        x.from_upstream.clear(exchange::buffer_size);
        const auto end = co_await run_relay(client, x, *held, allowed);
        if (end == relay_end::dead) {
            held->owner().note_death();
        }
        facts.pooled = held->reused();
        facts.response_began = end != relay_end::dead;
        facts.written = x.upload.wrote();
        if (!may_send_again(facts)) {
            co_return attempt{end, std::move(held)};
        }
        server = servers.place_of(*head_for);
        which = upstream::pooled::none;
        x.from_client.rewind(position);
        held.discard();
    }
}

/// Whether the connection can serve another request.
bool reusable(const exchange& x) {
    return upstream::is_clean({.keep_alive = x.response.keep_alive,
                               .until_close = x.response.framing == http::body_framing::until_close,
                               .request_sent = x.upload.sink_done(),
                               .bytes_left_over = !x.from_upstream.empty()});
}

/// Whether the client sends no more (RFC 9112 section 9.6), so that a close at once is no
/// reset. Some send a line end after a body: they are heard out.
bool has_said_its_last(connection& client, const exchange& x) {
    return !x.request.keep_alive && x.request.framing == http::body_framing::none && x.from_client.empty() && !client.peer().readable();
}

/// The upstream said 101 to a handshake: bytes pass from now on.
awaitable<> open_tunnel(connection& client, exchange& x, upstream::lease held, const policies::permit& leave) {
    const auto key = x.request.find("Sec-WebSocket-Key");
    const auto& offer = leave.credentials().subprotocols;
    const auto chosen = websocket::check_upstream_handshake(x.response, key, offer);
    if (!chosen) {
        x.record.status = 502;
        co_await answer_failure(client, x, 502, reason::upstream_error, false);
        co_return;
    }
    x.out.clear();
    websocket::make_client_handshake(key, websocket::choose_subprotocol(offer, *chosen), x.request_id, &x.response, x.response_changes,
                                     x.out);
    if (!co_await write_all(client, x, x.out)) {
        x.record.status = 499; // the client left with its handshake half answered
        co_return;
    }
    x.record.status = 101;
    // The tunnel's own time would say nothing about requests.
    count_request(x, std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - x.started));
    websocket::tunnel_options options{.write_timeout = x.rules->settings.limits.write_timeout,
                                      .counts = {*x.counts, client.open_gauge(), x.upstream_counts->active, held->owner().busy()}};
    if (leave.route().websocket.close_on_expiry) {
        options.expires = leave.expires();
    }
    auto open = std::make_unique<websocket::tunnel>(x.owner, client.share_stream(), held->share_stream(), x.from_client.data(),
                                                    x.from_upstream.data(), options, std::move(x.record), x.started, client.take_slot());
    x.record = {};
    x.from_client.clear(exchange::buffer_size);
    client.detach();
    held->detach();
    x.owner.adopt(std::move(open));
}

/// The body is over the route's max_body: a refusal on top of the permit.
awaitable<> answer_too_large(connection& client, exchange& x, bool may_go_on) {
    x.counts->decided(reason::limit_exceeded);
    co_await answer_failure(client, x, 413, reason::limit_exceeded, may_go_on);
}

/// What the client is told when its request got no whole answer.
awaitable<> answer_end(connection& client, exchange& x, relay_end end) {
    const bool body_done = x.upload.source_done();
    if (body_done) {
        x.request.framing = http::body_framing::none; // nothing is left to drop
    }
    switch (end) {
    case relay_end::dead:
    case relay_end::bad_response:
    case relay_end::upgraded: // nobody asked for it
        co_await answer_failure(client, x, 502, reason::upstream_error, body_done);
        break;
    case relay_end::timed_out:
        co_await answer_failure(client, x, 504, reason::upstream_timeout, body_done);
        break;
    case relay_end::client_malformed:
        co_await answer_failure(client, x, 400, reason::bad_request, false);
        break;
    case relay_end::trailers_too_large:
        co_await answer_failure(client, x, 431, reason::limit_exceeded, false);
        break;
    case relay_end::body_too_large:
        co_await answer_too_large(client, x, false);
        break;
    case relay_end::client_timed_out:
        co_await answer_failure(client, x, 408, reason::limit_exceeded, false);
        break;
    case relay_end::complete:
    case relay_end::client_gone:
    case relay_end::broken:
        break;
    }
}

/// What the log says of an exchange that ended so after its answer had begun.
reason reason_of(relay_end end, reason permitted) {
    switch (end) {
    case relay_end::complete:
    case relay_end::client_gone:
        return permitted;
    case relay_end::client_malformed:
        return reason::bad_request;
    case relay_end::trailers_too_large:
    case relay_end::body_too_large:
    case relay_end::client_timed_out:
        return reason::limit_exceeded;
    default:
        return reason::upstream_error;
    }
}

/// After the head of an answer, or without a client: no words left, only an end.
void break_off(connection& client, exchange& x, relay_end end) {
    x.keep_alive = false;
    if (end == relay_end::client_gone && x.record.status == 0) {
        x.record.status = 499; // nginx's "client closed request": no answer was sent
    }
    if (const auto why = reason_of(end, x.record.why); why != x.record.why) {
        x.record.why = why;
        x.record.observed = reason::ok; // what became of it matters more
    }
    // A reset, so that nobody takes the part for the whole.
    client.peer().reset();
}

} // namespace

awaitable<> forward(connection& client, exchange& x, const policies::permit& leave) {
    begin_record(client, x, &leave.route(), leave.who());
    x.record.why = leave.why();
    x.record.observed = leave.observed();
    x.counts->decided(leave.why(), leave.observed());
    if (x.request.framing == http::body_framing::content_length && x.request.content_length > leave.route().max_body) {
        co_await answer_too_large(client, x, true);
        co_return;
    }
    auto& servers = *x.upstreams->at(leave.route().upstream);
    x.upstream_counts = &servers.counts();
    if (const auto& changes = leave.route().response_headers; !changes.empty()) {
        x.response_changes = &changes;
    }

    const auto asked = std::chrono::steady_clock::now();
    auto tried = co_await run_attempts(client, x, servers, leave);
    x.record.upstream_duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - asked);
    if (!tried) {
        const bool late = tried.error() == upstream::connect_error::timed_out;
        co_await answer_failure(client, x, late ? 504 : 502, late ? reason::upstream_timeout : reason::upstream_unavailable, true);
        co_return;
    }
    x.record.bytes_in = x.upload.body_bytes();
    if (x.response_started) {
        x.record.bytes_out += x.download.bytes_written();
    }
    if (tried->end == relay_end::upgraded && x.websocket) {
        co_await open_tunnel(client, x, std::move(tried->held), leave);
        co_return;
    }
    if (tried->end == relay_end::complete) {
        if (reusable(x)) {
            tried->held.give_back();
        }
        if (!x.keep_alive && has_said_its_last(client, x)) {
            client.peer().shutdown_write(); // the close would drop what waits for it, should there be something unread
        } else if (!x.keep_alive) {
            co_await linger(client, x);
        }
        co_return;
    }
    tried->held.discard();
    if (x.response_started || tried->end == relay_end::client_gone) {
        break_off(client, x, tried->end);
    } else {
        co_await answer_end(client, x, tried->end);
    }
}

} // namespace bearward::proxy::downstream
