#include "tests/support/scripted_upstream.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace bearward::test {
namespace {

/// Sets `port` when it is 0.
int listen_somewhere(std::uint16_t& port, std::uint32_t ip = INADDR_LOOPBACK) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_port = htons(port);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    local.sin_addr.s_addr = htonl(ip);
    auto* const address = static_cast<sockaddr*>(static_cast<void*>(&local));
    socklen_t size = sizeof local;
    if (::bind(listener, address, size) != 0 || ::listen(listener, 128) != 0 || ::getsockname(listener, address, &size) != 0) {
        ::close(listener);
        throw std::runtime_error("the test's upstream can't listen");
    }
    port = ntohs(local.sin_port);
    return listener;
}

} // namespace

scripted_upstream::scripted_upstream(script what, std::uint16_t port)
    : script_(std::move(what)), port_(port), listener_(listen_somewhere(port_)), acceptor_([this] { accept_all(); }) {}

scripted_upstream::scripted_upstream(script what, listening_socket on)
    : script_(std::move(what)), port_(on.port), listener_(on.descriptor), acceptor_([this] { accept_all(); }) {}

scripted_upstream::~scripted_upstream() {
    stop_listening();
    for (const auto& each : peers_) {
        each->socket.shut_down();
    }
    for (const auto& each : peers_) {
        each->thread.join();
    }
}

void scripted_upstream::stop_listening() {
    if (stopped_.exchange(true)) {
        return;
    }
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
}

void scripted_upstream::accept_all() {
    while (true) {
        const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted < 0 && errno == EINTR) {
            continue;
        }
        if (accepted < 0) {
            return;
        }
        auto fresh = std::make_unique<peer>();
        auto& one = *fresh;
        one.socket = raw_socket{accepted};
        one.socket.on_received([&one](std::string_view bytes) {
            const std::lock_guard lock(one.mutex);
            one.received += bytes;
        });
        const std::lock_guard lock(mutex_);
        const std::size_t number = peers_.size();
        peers_.push_back(std::move(fresh));
        one.thread = std::thread([this, &one, number] {
            try {
                script_(one.socket, number);
            } catch (const std::exception&) {
                // The test sees what did not come.
            }
            // Closed only by the destructor of the peer, which may want to shut it down.
            one.socket.shut_down();
            ++finished_;
        });
    }
}

std::size_t scripted_upstream::connections() const {
    const std::lock_guard lock(mutex_);
    return peers_.size();
}

std::string scripted_upstream::received(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    if (number >= peers_.size()) {
        return {};
    }
    const std::lock_guard also(peers_[number]->mutex);
    return peers_[number]->received;
}

listening_socket listen_on_unix(const std::string& path) {
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    path.copy(local.sun_path, sizeof local.sun_path - 1);
    ::unlink(path.c_str());
    if (::bind(listener, static_cast<sockaddr*>(static_cast<void*>(&local)), sizeof local) != 0 || ::listen(listener, 128) != 0) {
        ::close(listener);
        throw std::runtime_error("the test's upstream can't listen on " + path);
    }
    return {listener, 0};
}

listening_socket listen_on_second_address(std::uint16_t port) {
    const int listener = listen_somewhere(port, INADDR_LOOPBACK + 1);
    return {listener, port};
}

listening_socket listen_on_v6() {
    const int listener = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 local{};
    local.sin6_family = AF_INET6;
    local.sin6_addr = in6addr_loopback;
    auto* const address = static_cast<sockaddr*>(static_cast<void*>(&local));
    socklen_t size = sizeof local;
    if (listener < 0 && errno == EAFNOSUPPORT) {
        return {};
    }
    if (::bind(listener, address, size) != 0 && errno == EADDRNOTAVAIL) {
        ::close(listener);
        return {};
    }
    if (::listen(listener, 128) != 0 || ::getsockname(listener, address, &size) != 0 || local.sin6_port == 0) {
        ::close(listener);
        throw std::runtime_error("the test's upstream can't listen on [::1]");
    }
    return {listener, ntohs(local.sin6_port)};
}

scripted_upstream::script answer_always(std::string response) {
    return [response = std::move(response)](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            peer.send(response);
        }
    };
}

std::uint16_t find_closed_port() {
    std::uint16_t port = 0;
    ::close(listen_somewhere(port));
    return port;
}

} // namespace bearward::test
