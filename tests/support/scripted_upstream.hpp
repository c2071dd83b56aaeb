// A server over loopback that does what a test says, connection by connection,
// and remembers every byte that came.
#pragma once

#include "tests/support/messages.hpp"
#include "tests/support/raw_socket.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bearward::test {

struct listening_socket {
    int descriptor = -1; ///< -1: the kernel has no such sockets
    std::uint16_t port = 0;
};
[[nodiscard]] listening_socket listen_on_unix(const std::string& path);
/// On 127.0.0.2.
[[nodiscard]] listening_socket listen_on_second_address(std::uint16_t port);
/// On [::1].
[[nodiscard]] listening_socket listen_on_v6();

class scripted_upstream {
public:
    /// What to do with a connection; `number` counts them from 0. Runs on a thread
    /// of its own; when it returns or throws the connection is closed. `port` 0: any.
    using script = std::function<void(raw_socket& peer, std::size_t number)>;

    explicit scripted_upstream(script what, std::uint16_t port = 0);
    /// Takes a socket that listens.
    scripted_upstream(script what, listening_socket on);
    /// Ends every connection and waits for the scripts.
    ~scripted_upstream();
    scripted_upstream(const scripted_upstream&) = delete;
    scripted_upstream& operator=(const scripted_upstream&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// How many connections came.
    [[nodiscard]] std::size_t connections() const;
    /// Every byte that came on a connection so far.
    [[nodiscard]] std::string received(std::size_t number = 0) const;
    /// How many scripts have ended.
    [[nodiscard]] std::size_t finished() const noexcept { return finished_.load(); }
    /// Stops to listen: later connections are refused. What is open goes on.
    void stop_listening();

private:
    struct peer {
        raw_socket socket;
        mutable std::mutex mutex;
        std::string received;
        std::thread thread;
    };

    void accept_all();

    script script_;
    std::uint16_t port_ = 0; // before the listener, which sets it
    int listener_ = -1;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<peer>> peers_;
    std::atomic<std::size_t> finished_{0};
    std::atomic<bool> stopped_{false};
    std::thread acceptor_;
};

/// Answers every request of a connection with the same bytes.
[[nodiscard]] scripted_upstream::script answer_always(std::string response);

/// A port of 127.0.0.1 on which nobody listens (just now).
[[nodiscard]] std::uint16_t find_closed_port();

} // namespace bearward::test
