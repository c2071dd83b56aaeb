#include "proxy/admin/endpoints/endpoints.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value_from.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace bearward::proxy {
namespace {

namespace asio = boost::asio;

admin_reply describe_outcome(const reload_outcome& outcome) {
    if (outcome.success) {
        return make_json_reply(200, {{"result", "success"}});
    }
    return make_json_reply(422, {{"result", "failure"}, {"errors", boost::json::value_from(outcome.errors)}});
}

} // namespace

asio::awaitable<admin_reply> endpoints::reload(const admin_request&, const admin_source& source) {
    struct waiting {
        asio::steady_timer done; // a signal for this coroutine: it expires never
        std::optional<reload_outcome> outcome;
    };
    const auto executor = co_await asio::this_coro::executor;
    const auto answer = std::make_shared<waiting>(asio::steady_timer(executor, asio::steady_timer::time_point::max()), std::nullopt);
    source.reload([answer, executor](reload_outcome outcome) {
        asio::post(executor, [answer, outcome = std::move(outcome)]() mutable {
            answer->outcome = std::move(outcome);
            answer->done.cancel();
        });
    });
    (void)co_await answer->done.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return answer->outcome ? describe_outcome(*answer->outcome) : make_error_reply(503, "Shutting down");
}

} // namespace bearward::proxy
