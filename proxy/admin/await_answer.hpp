// What an endpoint asks another part of the program, whose answer comes later on the same thread.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace bearward::proxy {

/// What `ask(done)` calls `done` with; nothing: it did not within `patience`.
template <class Answer, class Ask>
boost::asio::awaitable<std::optional<Answer>> await_answer(Ask ask, std::chrono::seconds patience) {
    struct waiting {
        boost::asio::steady_timer over;
        std::optional<Answer> answer{};
    };
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto open = std::make_shared<waiting>(boost::asio::steady_timer(executor, patience));
    ask([open](Answer answer) {
        open->answer = std::move(answer);
        open->over.cancel();
    });
    if (!open->answer) {
        (void)co_await open->over.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return std::move(open->answer);
}

} // namespace bearward::proxy
