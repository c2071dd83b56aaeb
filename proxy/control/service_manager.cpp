#include "proxy/control/service_manager.hpp"

#include "proxy/event/owned_descriptor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {
namespace {

std::string_view environment_value(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc() && end == text.data() + text.size() && number > 0 ? std::optional(number) : std::nullopt;
}

/// WATCHDOG_PID says whose it is: the variables are inherited.
std::optional<std::chrono::microseconds> interval_from_environment() {
    const std::string_view text = environment_value("WATCHDOG_USEC");
    const std::string_view process = environment_value("WATCHDOG_PID");
    if (text.empty() || (!process.empty() && process != std::to_string(::getpid()))) {
        return std::nullopt;
    }
    const auto number = parse_number(text);
    if (!number || *number > INT64_MAX) {
        spdlog::warn("WATCHDOG_USEC is no number of microseconds; no signs of life are sent");
        return std::nullopt;
    }
    return std::chrono::microseconds(*number);
}

bool is_address(std::string_view text) {
    return text.size() > 1 && text.size() < sizeof(sockaddr_un::sun_path) && (text.front() == '/' || text.front() == '@');
}

/// A line end would begin another assignment.
std::string one_line(std::string_view text) {
    std::string line(text);
    std::ranges::replace(line, '\n', ' ');
    return line;
}

} // namespace

service_manager::service_manager(std::string address, std::optional<std::chrono::microseconds> interval)
    : address_(std::move(address)), interval_(interval) {}

service_manager service_manager::from_environment() {
    const std::string_view address = environment_value("NOTIFY_SOCKET");
    if (address.empty()) {
        return {};
    }
    if (!is_address(address)) {
        spdlog::warn("NOTIFY_SOCKET is neither an absolute path nor @NAME; the service manager learns nothing");
        return {};
    }
    return service_manager(std::string(address), interval_from_environment());
}

void service_manager::report_ready(std::string_view status) const {
    send("READY=1\nSTATUS=" + one_line(status));
}

/// Type=notify-reload takes the time of the message that answers its signal.
void service_manager::report_reloading() const {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto elapsed = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count()) +
         "\nSTATUS=reloading");
}

void service_manager::report_stopping(std::chrono::milliseconds longest) const {
    send("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds(longest).count()) + "\nSTATUS=draining");
}

void service_manager::report_alive() const {
    send("WATCHDOG=1");
}

void service_manager::send(const std::string& message) const {
    if (address_.empty()) {
        return;
    }
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    address_.copy(to.sun_path, sizeof(to.sun_path) - 1);
    auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    if (address_.front() == '@') {
        to.sun_path[0] = '\0';
    } else {
        ++length;
    }
    const owned_descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = 2, .tv_usec = 0}; // its queue may be full for a moment, and READY is said once
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const bool sent = socket.get() >= 0 && ::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
                                                    reinterpret_cast<const sockaddr*>(&to), length) >= 0;
    if (!sent) {
        spdlog::warn("the service manager at {} can't be reached: {}", address_, std::generic_category().message(errno));
    }
}

} // namespace bearward::proxy
