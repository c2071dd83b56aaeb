#include "tests/support/raw_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bearward::test {

raw_socket::raw_socket(int descriptor) : descriptor_(descriptor) {
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval limit{.tv_sec = patience.count() / 1000, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

raw_socket raw_socket::connect(std::uint16_t port, int receive_buffer) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer != 0) {
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor, static_cast<sockaddr*>(static_cast<void*>(&to)), sizeof to) != 0) {
        const std::string why = std::strerror(errno);
        ::close(descriptor);
        throw std::runtime_error("can't connect: " + why);
    }
    return raw_socket{descriptor};
}

raw_socket::~raw_socket() {
    close();
}

raw_socket::raw_socket(raw_socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), ended_(other.ended_), received_(std::move(other.received_)),
      tap_(std::move(other.tap_)) {}

raw_socket& raw_socket::operator=(raw_socket&& other) noexcept {
    if (this != &other) {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
        ended_ = other.ended_;
        received_ = std::move(other.received_);
        tap_ = std::move(other.tap_);
    }
    return *this;
}

bool raw_socket::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool raw_socket::receive_more(std::chrono::milliseconds time) {
    if (ended_ != ending::none) {
        return false;
    }
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(time.count())) <= 0) {
        return false;
    }
    std::array<char, std::size_t{64} * 1024> block; // NOLINT: filled by recv
    const auto got = ::recv(descriptor_, block.data(), block.size(), 0);
    if (got <= 0) {
        ended_ = got == 0 ? ending::closed : ending::reset;
        return false;
    }
    const std::string_view bytes{block.data(), static_cast<std::size_t>(got)};
    received_ += bytes;
    if (tap_) {
        tap_(bytes);
    }
    return true;
}

std::string raw_socket::take(std::size_t count) {
    std::string taken = received_.substr(0, count);
    received_.erase(0, count);
    return taken;
}

void raw_socket::fail(const std::string& wanted) const {
    const char* const how = ended_ == ending::none ? "it did not come in time" : ended_ == ending::closed ? "closed" : "reset";
    throw std::runtime_error("waiting for " + wanted + ": " + how + "; received so far: " + received_.substr(0, 2000));
}

std::string raw_socket::receive_until(std::string_view text) {
    std::size_t from = 0;
    while (true) {
        const auto at = received_.find(text, from);
        if (at != std::string::npos) {
            return take(at + text.size());
        }
        from = received_.size() - std::min(received_.size(), text.size() - 1);
        if (!receive_more(patience)) {
            fail('"' + std::string(text) + '"');
        }
    }
}

std::string raw_socket::receive_exactly(std::size_t count) {
    while (received_.size() < count) {
        if (!receive_more(patience)) {
            fail(std::to_string(count) + " bytes (have " + std::to_string(received_.size()) + ")");
        }
    }
    return take(count);
}

std::string raw_socket::receive_to_end() {
    while (receive_more(patience)) {
    }
    if (ended_ == ending::none) {
        fail("the end");
    }
    return std::exchange(received_, {});
}

std::string raw_socket::receive_for(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (ended_ == ending::none) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            break;
        }
        receive_more(left);
    }
    return std::exchange(received_, {});
}

bool raw_socket::has_more() {
    if (received_.empty() && !receive_more(patience) && ended_ == ending::none) {
        fail("a byte or the end");
    }
    return !received_.empty();
}

void raw_socket::half_close() {
    ::shutdown(descriptor_, SHUT_WR);
}

void raw_socket::stop_reading() {
    ::shutdown(descriptor_, SHUT_RD);
}

void raw_socket::reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

void raw_socket::abort_connection() {
    // Disconnecting a TCP socket resets it and keeps the descriptor (connect(2), AF_UNSPEC).
    sockaddr nowhere{};
    nowhere.sa_family = AF_UNSPEC;
    ::connect(descriptor_, &nowhere, sizeof nowhere);
}

bool raw_socket::wait_for_end(std::chrono::milliseconds time) {
    pollfd waiting{.fd = descriptor_, .events = POLLRDHUP, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) > 0;
}

void raw_socket::close() {
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

void raw_socket::shut_down() {
    ::shutdown(descriptor_, SHUT_RDWR);
}

bool wait_until(const std::function<bool()>& holds, std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

} // namespace bearward::test
