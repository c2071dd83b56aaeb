#include "proxy/upstream/connect.hpp"

#include "proxy/upstream/handshake.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bearward::proxy::upstream {
namespace {

void prepare(int socket, int family) {
    if (family == AF_INET || family == AF_INET6) {
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    }
}

/// A socket that is connected or connecting; null: refused.
stream_ptr begin(asio::io_context& context, const address& to) {
    const int family = to.protocol().family();
    const int socket = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, to.protocol().protocol());
    if (socket < 0) {
        return nullptr;
    }
    prepare(socket, family);
    const bool connected = ::connect(socket, static_cast<const sockaddr*>(to.data()), static_cast<socklen_t>(to.size())) == 0;
    // A unix socket whose queue is full says EAGAIN, and connects at no later time.
    if (!connected && errno != EINPROGRESS) {
        ::close(socket);
        return nullptr;
    }
    stream_ptr made(new stream(context, socket, connected));
    return made->is_open() ? made : nullptr;
}

bool is_connected(const stream& peer) {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(peer.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

awaitable<std::optional<connect_error>> finish(connect_context with, stream& peer, std::chrono::milliseconds timeout) {
    sleeper wait(with.wheel, with.under_way);
    wait.limit(timeout);
    peer.listen(&wait);
    peer.want_write();
    while (!peer.writable() && !wait.expired() && !with.under_way.cancelled()) {
        co_await wait.sleep();
    }
    peer.listen(nullptr);
    if (peer.writable() && is_connected(peer)) {
        co_return std::nullopt;
    }
    co_return wait.expired() ? connect_error::timed_out : connect_error::refused;
}

} // namespace

awaitable<std::expected<stream_ptr, connect_error>> open_stream(connect_context with, address to, std::chrono::milliseconds timeout,
                                                                tls_target* tls) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    const stream_ptr made = with.under_way.cancelled() ? nullptr : begin(with.context, to);
    if (!made) {
        co_return std::unexpected(connect_error::refused);
    }
    if (!made->writable()) {
        if (const auto failure = co_await finish(with, *made, timeout)) {
            co_return std::unexpected(*failure);
        }
    }
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
