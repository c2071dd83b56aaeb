#include "proxy/exchange/judge_request.hpp"

#include "policies/inquiry.hpp"
#include "policies/requests/client_address.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/await_need.hpp"
#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {
namespace {

/// The client left before a decision: there is none to count, and nobody to answer.
void note_departure(client_stream& client, exchange& x) {
    begin_record(x.account, client, x.received, x.generation, x.owner, nullptr, nullptr);
    x.account.record.status = 499; // nginx's "client closed request"
    x.account.record.cause = "the client left";
    x.account.decision.counted = true;
    client.abort();
}

} // namespace

void judge_request(const client_stream& client, exchange& x, policies::inquiry& asks, const policies::rules::route* on) {
    const auto& trusted = x.generation.trusted();
    x.generation.trusts_peer = !trusted.empty() && trusted.contains(client.client_address());
    const policies::requests::request_view view{
        .method = x.received.head.method,
        .path = x.received.path,
        .query = x.received.head.query,
        .host = x.received.head.host,
        .websocket = x.received.websocket,
        .listener = x.generation.listener,
        .headers = x.received.head.fields,
        .client = x.generation.rules->rules().limits_rates
                      ? policies::requests::find_client_address(client.client_address(), x.received.head.fields, trusted)
                      : std::string_view{},
        .trusted_peer = x.generation.trusts_peer,
        .secure = client.secure(),
        .authority = x.received.head.authority,
        .raw_path = x.received.head.path,
        .certificate = x.received.for_another ? nullptr : client.certificate(), // the other proxy's says nothing of its client
        .for_another = x.received.for_another,
    };
    const policies::snapshot& rules = x.generation.rules->rules();
    x.decision = on == nullptr ? asks.ask(view, rules, x.owner.outside_now(), x.memory.credential)
                               : asks.ask_on(*on, view, rules, x.owner.outside_now(), x.memory.credential);
}

awaitable<bool> serve_needs(client_stream& client, exchange& x, policies::inquiry& asks, const policies::rules::route* on) {
    supplier* const supplies = x.owner.supplies();
    while (const auto* lacking = std::get_if<policies::need>(&*x.decision)) {
        const call_end how = co_await await_need(client, x, *supplies, *lacking);
        if (how == call_end::client_gone) {
            note_departure(client, x);
        }
        if (how != call_end::over) {
            co_return false;
        }
        judge_request(client, x, asks, on);
    }
    co_return true;
}

} // namespace bearward::proxy
