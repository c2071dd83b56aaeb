#include "proxy/exchange/run_exchange.hpp"

#include "policies/inquiry.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/await_need.hpp"
#include "proxy/exchange/forward.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {
namespace {

policies::decision judge(const client_stream& client, exchange& x, policies::inquiry& asks) {
    const auto& trusted = x.generation.rules->settings.trusted_proxies;
    x.generation.trusts_peer = !trusted.empty() && trusted.contains(client.client_address());
    const policies::requests::request_view view{
        .method = x.received.head.method,
        .path = x.received.path,
        .query = x.received.head.query,
        .host = x.received.head.host,
        .websocket = x.received.websocket,
        .listener = x.generation.listener,
        .headers = x.received.head.fields,
        .trusted_peer = x.generation.trusts_peer,
    };
    return asks.ask(view, x.generation.rules->rules(), x.owner.outside_now(), x.received.credential_memory);
}

/// The client left before a decision: there is none to count, and nobody to answer.
void note_departure(client_stream& client, exchange& x) {
    begin_record(x.account, x.received, x.generation, client.client_address(), x.owner, nullptr, nullptr);
    x.account.record.status = 499; // nginx's "client closed request"
    x.account.record.cause = "the client left";
    x.account.decision.counted = true;
    client.abort();
}

} // namespace

/// The way of a request:
///  1. the connection has become readable and borrowed this exchange;
///  2. its protocol has read until the head is whole;
///  3. the gate refuses what is ambiguous: 400, and the connection ends;
///  4. one generation of the rules serves the whole request: the one in force when
///     its head is whole (exchange::take_rules);
///  5. decide: a permit, a denial, or a need: then wait for it and ask again, once;
///  6. a denial is answered, or accepted and closed with the route's code;
///  7.-9. a permit is forwarded: head rewritten, connection leased, body relayed,
///     or a tunnel opened;
/// 10. the connection ends the answer, one access record is written; on with the next
///     request, when others have had their turn, or back to waiting.
awaitable<> run_exchange(client_stream& client, exchange& x) {
    if (x.received.refused) {
        co_await answer_refused(client, x);
        co_return;
    }
    supplier* const supplies = x.owner.supplies();
    policies::inquiry asks(supplies != nullptr);
    auto decision = judge(client, x, asks);
    while (const auto* lacking = std::get_if<policies::need>(&decision)) {
        const need_wait how = co_await await_need(client, x, *supplies, *lacking);
        if (how == need_wait::client_gone) {
            note_departure(client, x);
        }
        if (how != need_wait::over) {
            co_return;
        }
        decision = judge(client, x, asks);
    }
    if (const auto* leave = std::get_if<policies::permit>(&decision)) {
        co_await forward(client, x, *leave);
    } else {
        co_await answer_denied(client, x, std::get<policies::denial>(decision));
    }
}

} // namespace bearward::proxy
