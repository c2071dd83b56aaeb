#include "proxy/event/descriptor_message.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

namespace bearward::proxy {
namespace {

constexpr std::size_t descriptors_a_message = 64; // SCM_MAX_FD is 253
constexpr std::size_t longest_text = std::size_t{64} * 1024;
constexpr std::size_t control_size = CMSG_SPACE(descriptors_a_message * sizeof(int));

void set_patience(int socket, std::chrono::milliseconds patience) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
    const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(patience - seconds);
    const timeval limit{.tv_sec = seconds.count(), .tv_usec = rest.count()};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void take_descriptors(msghdr& message, std::vector<owned_descriptor>& into) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t index = 0; index < count; ++index) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(each) + index * sizeof(int), sizeof descriptor);
            into.emplace_back(descriptor);
        }
    }
}

} // namespace

descriptor_channel::descriptor_channel(owned_descriptor socket, std::chrono::milliseconds patience) : socket_(std::move(socket)) {
    ::fcntl(socket_.get(), F_SETFL, ::fcntl(socket_.get(), F_GETFL) & ~O_NONBLOCK);
    set_patience(socket_.get(), patience);
}

descriptor_channel::peer descriptor_channel::other_side() const {
    ucred found{};
    socklen_t size = sizeof found;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) {
        return {};
    }
    return {.process = found.pid, .user = found.uid};
}

bool descriptor_channel::send(std::string_view text, const std::vector<int>& descriptors) {
    std::size_t passed = 0;
    while (!text.empty()) {
        const std::size_t now = std::min(descriptors.size() - passed, descriptors_a_message);
        // Each message has a byte of the text at least; the last one has the rest.
        iovec bytes{.iov_base = const_cast<char*>(text.data()), .iov_len = passed + now < descriptors.size() ? 1 : text.size()};
        alignas(cmsghdr) std::array<std::byte, control_size> control{};
        msghdr message{};
        message.msg_iov = &bytes;
        message.msg_iovlen = 1;
        if (now > 0) {
            message.msg_control = control.data();
            message.msg_controllen = CMSG_SPACE(now * sizeof(int));
            cmsghdr* const head = CMSG_FIRSTHDR(&message);
            head->cmsg_level = SOL_SOCKET;
            head->cmsg_type = SCM_RIGHTS;
            head->cmsg_len = CMSG_LEN(now * sizeof(int));
            std::memcpy(CMSG_DATA(head), descriptors.data() + passed, now * sizeof(int));
        }
        const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        passed += now;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return passed == descriptors.size();
}

std::expected<std::string, std::string> descriptor_channel::read_until(std::string_view end, std::vector<owned_descriptor>& descriptors) {
    while (true) {
        if (const auto found = read_.find(end); found != std::string::npos) {
            std::string text = read_.substr(0, found + end.size());
            read_.erase(0, text.size());
            return text;
        }
        if (read_.size() > longest_text) {
            return std::unexpected("what it says has no end");
        }
        std::array<char, 4096> buffer;
        alignas(cmsghdr) std::array<std::byte, control_size> control{};
        iovec bytes{.iov_base = buffer.data(), .iov_len = buffer.size()};
        msghdr message{};
        message.msg_iov = &bytes;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t got = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got > 0) {
            take_descriptors(message, descriptors);
        }
        if (got > 0 && (message.msg_flags & MSG_CTRUNC) != 0) {
            return std::unexpected("not all descriptors can be taken: is the limit of open files too low?");
        }
        if (got <= 0) {
            const bool left = got == 0 || errno == ECONNRESET; // it is reset where something was not read
            return std::unexpected(left ? "it has left" : std::string("it does not answer: ") + std::strerror(errno));
        }
        read_.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

} // namespace bearward::proxy
