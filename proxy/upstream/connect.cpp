#include "proxy/upstream/connect.hpp"

#include "proxy/duration_text.hpp"
#include "proxy/upstream/handshake.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
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

connect_error refused(int error) {
    return {connect_error::kind::refused, std::generic_category().message(error)};
}

/// A socket that is connected or connecting.
std::expected<stream_ptr, connect_error> begin(asio::io_context& context, const address& to) {
    const int family = to.protocol().family();
    const int socket = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, to.protocol().protocol());
    if (socket < 0) {
        return std::unexpected(refused(errno));
    }
    prepare(socket, family);
    const bool connected = ::connect(socket, static_cast<const sockaddr*>(to.data()), static_cast<socklen_t>(to.size())) == 0;
    // A unix socket whose queue is full says EAGAIN, and connects at no later time.
    if (!connected && errno != EINPROGRESS) {
        const int error = errno;
        ::close(socket);
        return std::unexpected(refused(error));
    }
    stream_ptr made(new stream(context, socket, connected));
    if (!made->is_open()) {
        return std::unexpected(refused(ENOMEM));
    }
    return made;
}

/// 0: connected; else why not.
int outcome_of(const stream& peer) {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(peer.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
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
    if (!peer.writable()) {
        const auto what = wait.expired() ? connect_error::kind::timed_out : connect_error::kind::refused;
        co_return connect_error{what, wait.expired() ? "no connection within " + describe(timeout) : "the process stops"};
    }
    if (const int error = outcome_of(peer); error != 0) {
        co_return refused(error);
    }
    co_return std::nullopt;
}

} // namespace

awaitable<std::expected<stream_ptr, connect_error>> open_stream(connect_context with, address to, std::chrono::milliseconds timeout,
                                                                tls_target* tls) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    if (with.under_way.cancelled()) {
        co_return std::unexpected(connect_error{connect_error::kind::refused, "the process stops"});
    }
    auto begun = begin(with.context, to);
    if (!begun) {
        co_return std::unexpected(std::move(begun.error()));
    }
    const stream_ptr made = std::move(*begun);
    if (!made->writable()) {
        if (auto failure = co_await finish(with, *made, timeout)) {
            co_return std::unexpected(std::move(*failure));
        }
    }
    if (tls != nullptr) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (auto failure = co_await shake_hands(with, *made, *tls, left)) {
            made->close();
            co_return std::unexpected(std::move(*failure));
        }
    }
    co_return made;
}

} // namespace bearward::proxy::upstream
