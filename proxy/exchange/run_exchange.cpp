#include "proxy/exchange/run_exchange.hpp"

#include "policies/judge_notice.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/forward.hpp"
#include "proxy/exchange/judge_request.hpp"
#include "proxy/exchange/receive_notice.hpp"
#include "proxy/exchange/renew_socket.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {
namespace {

/// What takes notices of identity providers at this path; null: nothing does.
const policies::revocation_receiver* find_receiver(const exchange& x) {
    return x.received.for_another ? nullptr : policies::find_receiver(x.generation.rules->rules(), x.received.path.path);
}

/// Whether a permit opens a WebSocket here.
bool opens_websocket(const exchange& x) {
    return x.received.websocket && !x.received.for_another;
}

/// A permit becomes a denial where the user may open no more WebSockets.
void limit_websockets(exchange& x) {
    const std::size_t most = x.generation.rules->settings.limits.max_websockets_per_user;
    const auto* const leave = std::get_if<policies::permit>(&*x.decision);
    if (most == 0 || leave == nullptr || !opens_websocket(x) || leave->who() == nullptr || leave->who()->user.empty()) {
        return;
    }
    std::string key = leave->who()->provider;
    key.push_back('\0');
    key += leave->who()->user;
    auto slot = x.owner.users().take_key(std::move(key), most);
    if (slot) {
        x.user_slot = std::move(*slot);
        return;
    }
    policies::denial over{.why = policies::reason::rate_limited,
                          .cause = "the user has " + std::to_string(most) + " WebSockets open (limits.max_websockets_per_user)",
                          .route = &leave->route(),
                          .who = leave->share_identity(),
                          .allow = {},
                          .scope = {},
                          .step_up = {},
                          .subprotocols = leave->credentials().subprotocols,
                          .rate = leave->rate(),
                          .retry_after = std::chrono::seconds{1}};
    x.decision = std::move(over); // whose views are of the request, or its own
}

/// Likewise where a socket of the same name is open: a renewal would not know which one it is for.
void name_websocket(exchange& x) {
    const auto* const leave = std::get_if<policies::permit>(&*x.decision);
    if (leave == nullptr || !opens_websocket(x) || !leave->route().websocket.renewal || leave->who() == nullptr) {
        return;
    }
    const policies::identity& who = *leave->who();
    const std::string_view id = leave->credentials().subprotocols.socket_id();
    if (id.empty() || who.user.empty()) {
        return;
    }
    auto slot = x.owner.named_sockets().take({who.provider, who.user, who.tenant, std::string(id)}, x.owner.index());
    if (slot) {
        x.socket_slot = std::move(*slot);
        return;
    }
    policies::denial taken{.why = policies::reason::websocket_denied,
                           .cause = "the user has a socket of the same name open",
                           .route = &leave->route(),
                           .who = leave->share_identity(),
                           .allow = {},
                           .scope = {},
                           .step_up = {},
                           .subprotocols = leave->credentials().subprotocols,
                           .rate = leave->rate()};
    x.user_slot = {};
    x.decision = std::move(taken);
}

} // namespace

/// The way of a request:
///  1. the connection has become readable and borrowed this exchange;
///  2. its protocol has read until the head is whole;
///  3. the gate refuses what is ambiguous: 400, and the connection ends;
///  4. one generation of the rules serves the whole request: the one in force when
///     its head is whole (exchange::take_rules);
///  5. decide: a permit, a denial, or a need: then wait for it and ask again, once;
///  6. a denial is answered, or accepted and closed with the route's code; a preflight and a request for a
///     resource's metadata are answered;
///  7.-9. a permit is forwarded: head rewritten, connection leased, body relayed,
///     or a tunnel opened; where another proxy asks, it is answered;
/// 10. the connection ends the answer, one access record is written; on with the next
///     request, when others have had their turn, or back to waiting.
awaitable<> run_exchange(client_stream& client, exchange& x) {
    if (x.received.refused) {
        co_await answer_refused(client, x);
        co_return;
    }
    if (const auto* const receiver = find_receiver(x)) {
        co_await receive_notice(client, x, *receiver);
        co_return;
    }
    if (!x.received.for_another && is_renewal(x)) {
        co_await renew_socket(client, x);
        co_return;
    }
    policies::inquiry asks(x.owner.supplies() != nullptr);
    judge_request(client, x, asks);
    if (std::holds_alternative<policies::need>(*x.decision) && !co_await serve_needs(client, x, asks)) {
        co_return;
    }
    limit_websockets(x);
    name_websocket(x);
    if (const auto* leave = std::get_if<policies::permit>(&*x.decision)) {
        x.rate = leave->rate();
        if (x.received.for_another) {
            co_await answer_permitted(client, x, *leave);
        } else {
            co_await forward(client, x, *leave);
        }
    } else if (const auto* asked = std::get_if<policies::preflight>(&*x.decision)) {
        x.rate = asked->rate;
        co_await answer_preflight(client, x, *asked->route);
    } else if (const auto* told = std::get_if<policies::metadata_request>(&*x.decision)) {
        co_await answer_metadata(client, x, *told->wanted);
    } else {
        const auto& refused = std::get<policies::denial>(*x.decision);
        x.rate = refused.rate;
        co_await answer_denied(client, x, refused);
    }
}

} // namespace bearward::proxy
