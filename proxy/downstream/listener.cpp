#include "proxy/downstream/listener.hpp"

#include "proxy/downstream/http1_connection.hpp"
#include "proxy/worker_context.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace bearward::proxy::downstream {
namespace {

/// How long a full process waits before it looks again.
constexpr std::chrono::milliseconds retry_delay{100};
constexpr std::chrono::seconds warning_interval{10};
/// Connections taken in a row, so that a burst does not starve open ones.
constexpr int accept_burst = 64;
constexpr int longest_queue = 4096; // SOMAXCONN

/// accept(2): the errors of the connection that would have been accepted.
bool lost_while_waiting(int error) {
    constexpr std::array errors{EINTR,     ECONNABORTED, ENETDOWN,     EPROTO,     ENOPROTOOPT,
                                EHOSTDOWN, ENONET,       EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH};
    return std::ranges::find(errors, error) != errors.end();
}

std::string client_address(const sockaddr_storage& from, socklen_t size) {
    if (from.ss_family != AF_INET && from.ss_family != AF_INET6) {
        return {};
    }
    asio::ip::tcp::endpoint peer;
    std::memcpy(peer.data(), &from, std::min<std::size_t>(size, peer.capacity()));
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
}

} // namespace

listener::listener(worker_context& owner, int descriptor, std::uint32_t index)
    : owner_(owner), socket_(descriptor), retry_(owner.wheel(), *this), index_(index),
      open_connections_(&owner.counters().listeners[index]->connections) {}

void listener::move_to(std::uint32_t index) noexcept {
    index_ = index;
    open_connections_ = &owner_.counters().listeners[index]->connections;
}

void listener::start() {
    joined_ = owner_.loop().join(socket_, *this);
    if (!joined_) {
        warn_of_failure(errno);
        pause();
    }
}

void listener::close() noexcept {
    retry_.disarm();
    unlink();
    if (socket_ >= 0) {
        owner_.loop().leave(socket_, *this); // a unix socket is shared by all workers
        ::close(std::exchange(socket_, -1));
    }
}

int listener::copy_socket() const noexcept {
    return socket_ < 0 ? -1 : ::fcntl(socket_, F_DUPFD_CLOEXEC, 0);
}

void listener::on_deadline() {
    if (!joined_) {
        start();
    }
    accept_waiting();
}

void listener::pause() {
    retry_.arm(retry_delay);
}

void listener::resume() {
    if (retry_.armed()) {
        retry_.disarm();
        accept_waiting();
    }
}

/// Out of descriptors or memory: those that wait keep their place in the queue.
void listener::warn_of_failure(int error) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_warning_ >= warning_interval) {
        last_warning_ = now;
        spdlog::warn("can't accept connections for now: {}", std::strerror(error));
    }
}

void listener::accept_last() {
    for (int count = 0; count < longest_queue / accept_burst && accept_burst_of_waiting(); ++count) {
    }
}

void listener::accept_waiting() {
    if (accept_burst_of_waiting()) {
        owner_.loop().give_up_turn(*this);
    }
}

/// Whether there may be more.
bool listener::accept_burst_of_waiting() {
    for (int count = 0; count < accept_burst; ++count) {
        if (socket_ < 0) {
            return false;
        }
        if (!owner_.reserve_connection()) {
            pause();
            return false;
        }
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        const int accepted = ::accept4(socket_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0) {
            const int error = errno;
            owner_.free_connection();
            if (error == EAGAIN || error == EWOULDBLOCK) {
                return false; // the next one is an event
            }
            if (lost_while_waiting(error)) {
                continue;
            }
            warn_of_failure(error);
            pause();
            return false;
        }
        const stream_ptr peer(new stream(owner_.context(), accepted));
        if (!peer->is_open()) {
            owner_.free_connection();
            warn_of_failure(errno);
            pause();
            return false; // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): an intrusive_ptr deletes it
        }
        owner_.adopt(std::make_unique<http1_connection>(owner_, peer, index_, client_address(from, size), *open_connections_));
    }
    return true;
} // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): an intrusive_ptr deletes the stream

} // namespace bearward::proxy::downstream
