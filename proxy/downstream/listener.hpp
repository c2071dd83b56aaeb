// Accepts connections on one listening socket for one worker.
#pragma once

#include "config/settings.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/ready_loop.hpp"
#include "proxy/telemetry/counters.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace bearward::proxy {

class worker_context;

namespace downstream {

/// Belongs to one worker's thread.
class listener final : public event_source, public turn_listener, public deadline_listener {
public:
    listener(worker_context& owner, int descriptor, std::uint32_t index);
    ~listener() { close(); }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    /// Accepts from now on. When the worker has no room, or the process no
    /// descriptors, new connections wait in the kernel's queue.
    void start();
    /// Some room or a descriptor is free again: accepts at once if it had paused.
    void resume();
    /// Takes what waits in the kernel's queue, as far as there is room: close() would reset it.
    void accept_last();
    void close() noexcept;
    /// A descriptor of the same socket, for another process; -1: it is closed, or there is no room for one.
    [[nodiscard]] int copy_socket() const noexcept;

    /// Its index among the configuration's listeners; a reload may change it.
    [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
    void move_to(std::uint32_t index) noexcept;

private:
    void accept_waiting();
    bool accept_burst_of_waiting();
    void pause();
    void warn_of_failure(int error);
    void on_events(std::uint32_t) override { accept_waiting(); }
    void on_turn_end() override { accept_waiting(); }
    void on_deadline() override;

    worker_context& owner_;
    int socket_;
    bool joined_ = false;
    deadline retry_; ///< armed: paused
    std::chrono::steady_clock::time_point last_warning_{};
    std::uint32_t index_;
    gauge* open_connections_; ///< of the listener's present name
};

} // namespace downstream
} // namespace bearward::proxy
