// What the load generator and the upstream of the measurements share: loopback
// sockets without blocking, and epoll. Plain system calls, so that neither is the
// bottleneck nor has anything in common with what is measured.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bearward::bench {

[[noreturn]] inline void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline const sockaddr* generic(const sockaddr_in& address) {
    return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

inline void without_delay(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

inline int listen_on(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto address = loopback(port);
    if (::bind(descriptor, generic(address), sizeof address) != 0 || ::listen(descriptor, 4096) != 0) {
        fail("listen");
    }
    return descriptor;
}

/// Connected: on loopback that takes no waiting.
inline int connect_to(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    if (descriptor < 0 || ::connect(descriptor, generic(address), sizeof address) != 0) {
        return -1;
    }
    without_delay(descriptor);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
}

class poller {
public:
    poller() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {}
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;
    ~poller() { ::close(descriptor_); }

    /// Edge-triggered, both directions.
    void add(int descriptor, void* what) {
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
        event.data.ptr = what;
        if (::epoll_ctl(descriptor_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
            fail("epoll_ctl");
        }
    }
    [[nodiscard]] std::span<const epoll_event> wait(std::optional<std::chrono::nanoseconds> at_most) {
        timespec limit{};
        if (at_most) {
            limit.tv_sec = at_most->count() / 1'000'000'000;
            limit.tv_nsec = at_most->count() % 1'000'000'000;
        }
        const int count =
            ::epoll_pwait2(descriptor_, events_.data(), static_cast<int>(events_.size()), at_most ? &limit : nullptr, nullptr);
        return {events_.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
    }

private:
    int descriptor_;
    std::array<epoll_event, 256> events_{};
};

} // namespace bearward::bench
