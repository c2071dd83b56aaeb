#include "proxy/exchange/renew_socket.hpp"

#include "policies/inquiry.hpp"
#include "policies/requests/cors.hpp"
#include "policies/requests/renewal_body.hpp"
#include "proxy/exchange/account.hpp"
#include "proxy/exchange/answer.hpp"
#include "proxy/exchange/await_call.hpp"
#include "proxy/exchange/judge_request.hpp"
#include "proxy/exchange/read_body.hpp"
#include "proxy/worker_context.hpp"

#include <memory>
#include <span>
#include <utility>

namespace bearward::proxy {
namespace {

using policies::reason;

constexpr std::string_view renewal_path = "/.bearward/renew";
constexpr std::size_t longest_body = 1024;
/// How long the socket's own thread may take.
constexpr std::chrono::milliseconds patience{5'000};

/// Whose CORS a request has that no socket is known of: the first renewable route's that takes its origin.
const policies::rules::route* find_cors_route(const exchange& x) {
    const policies::rules::route* first = nullptr;
    for (const auto& each : x.generation.rules->rules().routes.routes()) {
        if (!each.websocket.renewal || each.cors.rules == nullptr) {
            continue;
        }
        first = first == nullptr ? &each : first;
        http::cors_answer tried;
        tried.choose(each.cors.rules.get(), x.received.head.fields);
        if (!tried.origin.empty()) {
            return &each;
        }
    }
    return first;
}

const policies::rules::route* find_route(const exchange& x, std::string_view name) {
    for (const auto& each : x.generation.rules->rules().routes.routes()) {
        if (each.name == name) {
            return &each;
        }
    }
    return nullptr;
}

/// Asks the thread of each socket of the name until one knows it. False: there is nobody to answer any more.
awaitable<bool> ask_sockets(client_stream& client, exchange& x, std::string_view id, renewal_outcome& out) {
    const policies::permit& leave = std::get<policies::permit>(*x.decision);
    auto& sockets = x.owner.named_sockets();
    const auto places = sockets.find(leave.who()->provider, leave.who()->user, id);
    for (auto place = places.begin(); place != places.end() && out.what == renewal_outcome::kind::unknown; ++place) {
        call_wait waiting(x.wake);
        const auto answer = std::make_shared<renewal_outcome>();
        auto say = [&loop = x.owner.loop(), answer, called = waiting.callback()](renewal_outcome outcome) {
            loop.post([answer, called, outcome = std::move(outcome)]() mutable {
                *answer = std::move(outcome);
                called();
            });
        };
        sockets.renew(*place, {leave.tokens().token, x.generation.listener_name(), x.received.head.host}, std::move(say));
        const call_end how = co_await waiting.sleep(client, x, patience);
        if (how != call_end::over) {
            co_return false;
        }
        out = std::move(*answer);
    }
    co_return true;
}

awaitable<> answer_outcome(client_stream& client, exchange& x, const renewal_outcome& outcome, std::string_view origin) {
    const auto* const route = find_route(x, outcome.route);
    if (route != nullptr) {
        const http::header field{"Origin", origin};
        x.cors.choose(route->cors.rules.get(), std::span(&field, origin.empty() ? 0 : 1));
    }
    switch (outcome.what) {
    case renewal_outcome::kind::renewed:
        co_await answer_own(client, x, {.why = reason::ok, .status = 204});
        break;
    case renewal_outcome::kind::unknown:
        x.account.record.cause = "there is no such socket of the token's user and tenant";
        co_await answer_own(client, x, {.why = reason::no_route, .status = 404});
        break;
    case renewal_outcome::kind::denied: {
        x.account.record.cause = outcome.refused.cause;
        const policies::denial refused{.why = outcome.refused.why, .route = route, .scope = outcome.refused.scope};
        co_await answer_own(client, x, make_refusal(refused));
        break;
    }
    }
}

/// The token is good: for which socket?
awaitable<> renew(client_stream& client, exchange& x) {
    const std::string origin(x.received.head.find("Origin")); // the head goes with the body
    std::string body;
    const body_end end = co_await read_body(client, x, longest_body, body);
    if (end != body_end::whole) {
        co_await answer_body_end(client, x, end, longest_body);
        co_return;
    }
    const std::string id = policies::requests::parse_renewal_body(body);
    if (id.empty()) {
        x.account.record.cause = R"(the body is not {"socket": "ID"})";
        co_await answer_own(client, x, {.why = reason::bad_request});
        co_return;
    }
    renewal_outcome outcome;
    if (!std::get<policies::permit>(*x.decision).who()->user.empty() && !co_await ask_sockets(client, x, id, outcome)) {
        x.account.record.status = 499; // nginx's "client closed request"
        x.account.decision.counted = true;
        client.abort();
        co_return;
    }
    co_await answer_outcome(client, x, outcome, origin);
}

} // namespace

bool is_renewal(const exchange& x) noexcept {
    return x.generation.rules->rules().renewal != nullptr && x.received.path.path == renewal_path;
}

awaitable<> renew_socket(client_stream& client, exchange& x) {
    static const std::vector<std::string> allowed{"POST"};
    const auto* const for_pages = find_cors_route(x);
    begin_record(x.account, client, x.received, x.generation, x.owner, nullptr, nullptr);
    if (for_pages != nullptr) {
        x.take_cors(for_pages);
    }
    if (x.received.head.method != "POST") {
        const bool asks = for_pages != nullptr && x.received.head.method == "OPTIONS" &&
                          x.received.head.find("Access-Control-Request-Method") == "POST" && !x.received.head.find("Origin").empty();
        if (asks) {
            co_await answer_own(client, x, {.why = reason::public_route, .status = 204, .preflight = true});
        } else {
            co_await answer_own(client, x, {.why = reason::method_not_allowed, .allow = allowed});
        }
        co_return;
    }
    const auto& by = *x.generation.rules->rules().renewal;
    policies::inquiry asks(x.owner.supplies() != nullptr);
    judge_request(client, x, asks, &by);
    if (std::holds_alternative<policies::need>(*x.decision) && !co_await serve_needs(client, x, asks, &by)) {
        co_return;
    }
    if (const auto* const refused = std::get_if<policies::denial>(&*x.decision)) {
        x.account.record.cause = refused->cause;
        co_await answer_own(client, x, make_refusal(*refused));
        co_return;
    }
    co_await renew(client, x);
}

} // namespace bearward::proxy
