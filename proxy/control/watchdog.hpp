// Signs of life for a service manager that restarts what has none (WatchdogSec= of systemd).
#pragma once

#include "proxy/control/service_manager.hpp"

#include <chrono>
#include <functional>
#include <thread>

namespace bearward::proxy {

/// Sends signs of life while it lives and the process answers. Does nothing where the manager expects none.
class watchdog {
public:
    /// `responds`: whether all threads that serve take up work within that time; called on a thread of this, also while it is
    /// destroyed. Both outlive this.
    watchdog(const service_manager& manager, std::function<bool(std::chrono::milliseconds)> responds);
    ~watchdog() = default; ///< waits for a question that is under way
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

private:
    std::jthread thread_;
};

} // namespace bearward::proxy
