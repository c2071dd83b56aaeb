// A thread that fetches, as the proxy's control thread does.
#pragma once

#include "proxy/providers/http_client.hpp"
#include "proxy/providers/key_source.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <expected>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace bearward::test {

/// An answer with this body.
inline std::string answer_of(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Fetches by itself from start() on, or what a test says.
class fetching_thread {
public:
    explicit fetching_thread(proxy::upstream::lookup_function look_up = proxy::upstream::look_up_name)
        : known_(std::move(look_up)), wheel_(context_), thread_([this] { context_.run(); }) {}
    ~fetching_thread() {
        run([this] {
            if (source) {
                source->stop();
            }
            under_way.cancel();
        });
        run([this] { wheel_.close(); });
        work_.reset();
        context_.stop();
        thread_.join();
    }
    fetching_thread(const fetching_thread&) = delete;
    fetching_thread& operator=(const fetching_thread&) = delete;

    /// Runs it there, and returns when it is done.
    template <class Function>
    void run(Function what) {
        std::promise<void> done;
        proxy::asio::post(context_, [&] {
            what();
            done.set_value();
        });
        done.get_future().wait();
    }

    proxy::providers::key_source& start(config::key_source_settings settings) {
        run([&] {
            source = std::make_shared<proxy::providers::key_source>(context_, wheel_, known_, std::move(settings), counts);
            source->publish_to(ring);
            proxy::asio::co_spawn(context_, proxy::providers::key_source::run(source),
                                  [](const std::exception_ptr& fault) { EXPECT_EQ(fault, nullptr); });
        });
        return *source;
    }

    std::expected<proxy::providers::http_answer, std::string>
    fetch(const std::string& url, std::chrono::milliseconds timeout = std::chrono::seconds{5}, std::size_t max_body = 1000) {
        std::promise<std::expected<proxy::providers::http_answer, std::string>> done;
        proxy::asio::post(context_, [&] {
            proxy::providers::http_request request;
            request.to = config::parse_url(url).value();
            proxy::asio::co_spawn(
                context_, proxy::providers::send_request({context_, wheel_, under_way, known_}, request, nullptr, {timeout, max_body}),
                [&](const std::exception_ptr& fault, auto answer) {
                    EXPECT_EQ(fault, nullptr);
                    done.set_value(std::move(answer));
                });
        });
        return done.get_future().get();
    }

    /// Begins a round; how long it may take. `over` counts those that have ended.
    std::chrono::milliseconds begin(std::atomic<int>& over) {
        return proxy::providers::key_source::begin(source, proxy::ready_loop::of(context_), [&over] { ++over; });
    }

    std::shared_ptr<proxy::providers::fetch_counts> counts = std::make_shared<proxy::providers::fetch_counts>();
    std::shared_ptr<policies::tokens::key_ring> ring = std::make_shared<policies::tokens::key_ring>();
    std::shared_ptr<proxy::providers::key_source> source;
    proxy::upstream::attempts under_way;

private:
    proxy::asio::io_context context_;
    proxy::asio::executor_work_guard<proxy::asio::io_context::executor_type> work_ = proxy::asio::make_work_guard(context_);
    proxy::upstream::directory known_;
    proxy::deadline_wheel wheel_;
    std::jthread thread_;
};

} // namespace bearward::test
