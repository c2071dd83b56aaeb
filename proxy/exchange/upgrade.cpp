#include "proxy/exchange/upgrade.hpp"

#include "policies/lapse.hpp"
#include "proxy/exchange/route_fields.hpp"

#include "proxy/exchange/account.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/tunnel.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/websocket/handshake.hpp"
#include "proxy/worker_context.hpp"

#include <optional>

namespace bearward::proxy {
namespace {

using policies::reason;

/// What has changed since the decision so that it would be a denial now (proxy/BEHAVIOUR.md 9.9).
std::optional<policies::denial> find_lapse(worker_context& owner, const policies::permit& leave) {
    auto lapsed = policies::find_lapse(leave, owner.rules()->rules(), owner.outside_now());
    if (!lapsed) {
        return std::nullopt;
    }
    return policies::denial{.why = lapsed->why,
                            .cause = std::move(lapsed->cause),
                            .route = &leave.route(),
                            .who = leave.share_identity(),
                            .allow = {},
                            .scope = {},
                            .step_up = {},
                            .subprotocols = leave.credentials().subprotocols,
                            .rate = leave.rate()};
}

standing make_standing(const policies::permit& leave) {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto most = leave.route().websocket.max_lifetime;
    standing made{
        .kind = guarded_kind::websocket, .tokens = leave.tokens(), .who = leave.share_identity(), .since = now, .until = leave.closes()};
    if (most.count() != 0) {
        made.until = std::min(made.until.value_or(now + most), now + most);
    }
    return made;
}

} // namespace

awaitable<> open_tunnel(client_stream& client, exchange& x, upstream::lease held, const policies::permit& leave) {
    const auto key = x.received.head.find("Sec-WebSocket-Key");
    const auto& offer = leave.credentials().subprotocols;
    const auto chosen = websocket::check_upstream_handshake(x.attempt.response, key, offer);
    if (!chosen) {
        x.account.record.cause = "handshake: " + std::string(chosen.error());
        held->owner().note_error(x.account.record.cause);
        held.discard();
        co_await answer_failure(client, x, 502, reason::upstream_error, false);
        co_return;
    }
    if (const auto lapsed = find_lapse(x.owner, leave)) {
        held.discard();
        co_await answer_denied(client, x, *lapsed);
        co_return;
    }
    websocket::make_client_handshake(key, websocket::choose_subprotocol(offer, *chosen), x.account.request_id, &x.attempt.response,
                                     x.attempt.response_changes, x.answer_head);
    add_route_fields(x.rate, x.answer_head);
    client_stream::put_interim(x.answer_head, x.out);
    if (!co_await write_all(client, x, x.out, x.generation.limits().write_timeout, x.account.record.bytes_out)) {
        x.account.record.status = 499; // the client left with its handshake half answered
        co_return;
    }
    x.account.record.status = 101;
    // The tunnel's own time would say nothing about requests.
    count_request(x.account, x.account.age());
    const policies::rules::websocket_rules& rules = leave.route().websocket;
    const bool named = x.socket_slot.taken();
    const tunnel_options options{
        .idle_timeout = rules.idle_timeout,
        .max_lifetime = rules.max_lifetime,
        .write_timeout = x.generation.limits().write_timeout,
        .expires = leave.closes(),
        .expiry_code = policies::choose_close_code(rules.closes_with, reason::token_expired),
        .revoked_code = policies::choose_close_code(rules.closes_with, reason::token_revoked),
        .from_client = {.max_message = rules.max_message, .rate = rules.max_frame_rate},
        .from_server = {.max_message = rules.max_message},
        .counts = {*x.account.counts, client.open_gauge(), x.account.upstream_counts->active, held->owner().busy()},
    };
    auto open = std::make_unique<tunnel>(
        x.owner, client.share_stream(), held->share_stream(), x.from_client.data(), x.attempt.from_upstream.data(), options,
        make_standing(leave), std::move(x.account.record), x.account.started,
        tunnel_slots{.address = client.take_slot(), .user = std::exchange(x.user_slot, {}), .name = std::exchange(x.socket_slot, {})});
    if (rules.recheck_on_reload || named) {
        open->keep(std::make_unique<kept_handshake>(x.received, client, x.generation, leave.route()));
    }
    if (x.account.span.sampled()) {
        open->keep(std::make_unique<request_span>(std::move(x.account.span)));
    }
    x.account.record = {};
    x.from_client.clear(exchange::buffer_size);
    client.detach();
    held->detach();
    x.owner.adopt(std::move(open));
}

} // namespace bearward::proxy
