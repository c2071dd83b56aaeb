#include "proxy/exchange/upgrade.hpp"

#include "proxy/exchange/account.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/tunnel.hpp"
#include "proxy/exchange/write.hpp"
#include "proxy/http/write_head.hpp"
#include "proxy/websocket/handshake.hpp"
#include "proxy/worker_context.hpp"

#include <optional>

namespace bearward::proxy {
namespace {

using policies::reason;

/// What has changed since the decision so that it would be a denial now (proxy/BEHAVIOUR.md 9.9).
std::optional<policies::denial> find_lapse(const policies::permit& leave) {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    if (!leave.expires() || now < *leave.expires()) {
        return std::nullopt;
    }
    return policies::denial{.why = reason::token_expired,
                            .cause = "the token expired before the upstream accepted the handshake",
                            .route = &leave.route(),
                            .who = leave.share_identity(),
                            .allow = {},
                            .scope = {},
                            .subprotocols = leave.credentials().subprotocols};
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
    if (const auto lapsed = find_lapse(leave)) {
        held.discard();
        co_await answer_denied(client, x, *lapsed);
        co_return;
    }
    websocket::make_client_handshake(key, websocket::choose_subprotocol(offer, *chosen), x.account.request_id, &x.attempt.response,
                                     x.attempt.response_changes, x.answer_head);
    x.out.clear();
    http::write_head(x.answer_head, x.out);
    if (!co_await write_all(client, x, x.out)) {
        x.account.record.status = 499; // the client left with its handshake half answered
        co_return;
    }
    x.account.record.status = 101;
    // The tunnel's own time would say nothing about requests.
    count_request(x.account, x.account.age());
    tunnel_options options{.write_timeout = x.generation.rules->settings.limits.write_timeout,
                           .counts = {*x.account.counts, client.open_gauge(), x.account.upstream_counts->active, held->owner().busy()}};
    options.expires = leave.closes();
    options.expiry_code = policies::choose_close_code(leave.route().websocket.closes_with, reason::token_expired);
    auto open =
        std::make_unique<tunnel>(x.owner, client.share_stream(), held->share_stream(), x.from_client.data(), x.attempt.from_upstream.data(),
                                 options, std::move(x.account.record), x.account.started, client.take_slot());
    x.account.record = {};
    x.from_client.clear(exchange::buffer_size);
    client.detach();
    held->detach();
    x.owner.adopt(std::move(open));
}

} // namespace bearward::proxy
