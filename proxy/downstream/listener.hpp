// Accepts connections on one listening socket for one worker.
#pragma once

#include "config/settings.hpp"
#include "proxy/control/counters.hpp"
#include "proxy/deadline_wheel.hpp"
#include "proxy/net.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <cstdint>
#include <string>

namespace bearward::proxy {

class worker;

namespace downstream {

/// Opens a listening socket and returns its descriptor; TCP with SO_REUSEPORT, so
/// that each worker has its own. Throws std::runtime_error that names the address
/// and the reason. A unix socket's stale file is removed.
[[nodiscard]] int open_listener(const config::endpoint& address);

/// The address that a listening socket is bound to, as the user writes addresses.
[[nodiscard]] std::string bound_address(int descriptor);
/// The port that a listening TCP socket is bound to.
[[nodiscard]] std::uint16_t bound_port(int descriptor);

/// Belongs to one worker's thread.
class listener final : public deadline_listener {
public:
    listener(worker& owner, int descriptor, std::uint32_t index);
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    /// Accepts from now on. When the worker has no room, or the process no
    /// descriptors, new connections wait in the kernel's queue.
    void start();
    void close() noexcept;

    /// Its index among the configuration's listeners; a reload may change it.
    [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
    void move_to(std::uint32_t index) noexcept;

private:
    void wait();
    void accept_waiting();
    void pause();
    void on_deadline() override { accept_waiting(); }

    worker& owner_;
    asio::posix::basic_stream_descriptor<executor> socket_;
    deadline retry_;
    std::uint32_t index_;
    gauge* open_connections_; ///< of the listener's present name
};

} // namespace downstream
} // namespace bearward::proxy
