// What systemd, or another service manager, learns about this process: the protocol of
// sd_notify(3), datagrams to the socket that NOTIFY_SOCKET names.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// Thread-safe once made. A message that can't be sent is logged, and nothing else comes of it.
class service_manager {
public:
    /// There is none: nothing is sent.
    service_manager() = default;
    /// `address`: a path, or `@NAME` in the abstract namespace. `interval`: how long it waits for a sign of life before it ends the
    /// process; nothing: it does not.
    explicit service_manager(std::string address, std::optional<std::chrono::microseconds> interval = {});
    /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. What can't be understood counts as absent, with a warning.
    [[nodiscard]] static service_manager from_environment();

    /// It serves; after a reload, again. `status` is one line for people.
    void report_ready(std::string_view status) const;
    /// A reload begins; report_ready() ends it, also where it is refused.
    void report_reloading() const;
    /// It has begun to end. `longest`: how long that may take.
    void report_stopping(std::chrono::milliseconds longest) const;
    /// It is alive.
    void report_alive() const;

    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const noexcept { return interval_; }

private:
    void send(const std::string& message) const;

    std::string address_;
    std::optional<std::chrono::microseconds> interval_;
};

} // namespace bearward::proxy
