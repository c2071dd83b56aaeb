#include "proxy/admin/await_answer.hpp"
#include "proxy/admin/endpoints/endpoints.hpp"
#include "proxy/providers/revocation_order.hpp"

#include <chrono>
#include <utility>

namespace bearward::proxy {
namespace {

namespace asio = boost::asio;
using providers::revocation_outcome;

/// Longer than an order to Redis may take.
constexpr std::chrono::seconds patience{30};

admin_reply describe_outcome(const revocation_outcome& outcome) {
    switch (outcome.what) {
    case revocation_outcome::kind::kept:
        return make_empty_reply();
    case revocation_outcome::kind::refused:
        return make_error_reply(400, outcome.why);
    case revocation_outcome::kind::unavailable:
        break;
    }
    return make_error_reply(503, outcome.why);
}

} // namespace

asio::awaitable<admin_reply> endpoints::revoke(const admin_request& request, const admin_source& source) {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    auto order = providers::parse_revocation_order(request.body, now);
    if (!order) {
        co_return make_error_reply(400, order.error());
    }
    const auto ask = [&](providers::revocation_answer done) { source.revoke(*std::move(order), std::move(done)); };
    const auto outcome = co_await await_answer<revocation_outcome>(ask, patience);
    co_return outcome ? describe_outcome(*outcome) : make_error_reply(503, "Shutting down");
}

} // namespace bearward::proxy
