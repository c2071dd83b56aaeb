#include "proxy/upstream/connect.hpp"

#include "proxy/upstream/handshake.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <sys/socket.h>

namespace bearward::proxy::upstream {
namespace {

/// Ends an attempt that takes too long.
class connect_deadline final : public deadline_listener {
public:
    explicit connect_deadline(stream_socket& socket) : socket_(socket) {}
    void on_deadline() override {
        error_code ignored;
        socket_.close(ignored);
    }

private:
    stream_socket& socket_;
};

void prepare(stream_socket& socket, const address& to) {
    const int family = to.protocol().family();
    if (family == AF_INET || family == AF_INET6) {
        error_code ignored;
        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        socket.set_option(asio::socket_base::keep_alive(true), ignored);
    }
}

} // namespace

awaitable<std::expected<stream_ptr, connect_error>> open_stream(connect_context with, address to, std::chrono::milliseconds timeout,
                                                                tls_target* tls) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    stream_socket socket(with.context.get_executor());
    error_code error;
    socket.open(to.protocol(), error);
    if (error || with.under_way.cancelled()) {
        co_return std::unexpected(connect_error::refused);
    }
    prepare(socket, to);
    connect_deadline watch(socket);
    deadline limit(with.wheel, watch);
    limit.arm(timeout);
    with.under_way.add(socket);
    auto [result] = co_await socket.async_connect(to, use_result);
    with.under_way.remove(socket);
    if (result || !socket.is_open()) {
        co_return std::unexpected(limit.expired() ? connect_error::timed_out : connect_error::refused);
    }
    limit.disarm();
    stream_ptr made(new stream(std::move(socket)));
    if (tls != nullptr) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (const auto failure = co_await shake_hands(with, *made, *tls, left)) {
            made->close();
            co_return std::unexpected(*failure);
        }
    }
    co_return made;
}

} // namespace bearward::proxy::upstream
