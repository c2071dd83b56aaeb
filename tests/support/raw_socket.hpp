// A blocking TCP connection over loopback for tests, with timeouts: what it
// waits for and does not get is an exception, so that a test says what did not come.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bearward::test {

/// How long a test waits for what must come.
constexpr std::chrono::milliseconds patience{10'000};

/// How a connection stands towards its peer.
enum class ending : std::uint8_t { none, closed, reset };

/// One thread at a time receives and one sends.
class raw_socket {
public:
    raw_socket() = default;
    /// Takes a connected socket.
    explicit raw_socket(int descriptor);
    /// To a port of 127.0.0.1. `receive_buffer`: the kernel's, in bytes; 0: its own choice.
    [[nodiscard]] static raw_socket connect(std::uint16_t port, int receive_buffer = 0);
    ~raw_socket();
    raw_socket(raw_socket&& other) noexcept;
    raw_socket& operator=(raw_socket&& other) noexcept;

    /// Sends all of it. False: the peer is gone, or takes nothing.
    bool send(std::string_view bytes);
    /// Everything up to and including `text`. Throws at an end or a timeout before it.
    [[nodiscard]] std::string receive_until(std::string_view text);
    /// Throws at an end or a timeout before it.
    [[nodiscard]] std::string receive_exactly(std::size_t count);
    /// Everything until the peer closes or resets. Throws at a timeout.
    [[nodiscard]] std::string receive_to_end();
    /// Whatever comes within the time; returns early at an end.
    [[nodiscard]] std::string receive_for(std::chrono::milliseconds time);
    /// Waits for the first byte or the end. False: it ended.
    [[nodiscard]] bool has_more();
    [[nodiscard]] ending ended() const noexcept { return ended_; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    void half_close();
    /// What comes from now on is dropped; over a unix socket the peer's writes fail.
    void stop_reading();
    /// Closes with a reset.
    void reset();
    /// Resets the connection and keeps the descriptor.
    void abort_connection();
    /// Without reading waits until the peer has reset the connection.
    [[nodiscard]] bool wait_for_end(std::chrono::milliseconds time);
    void close();
    /// Wakes a thread that receives on it.
    void shut_down();
    /// Told of all bytes that are received, as they are.
    void on_received(std::function<void(std::string_view)> tap) { tap_ = std::move(tap); }

private:
    /// One receive. False: nothing came within the time, or it ended.
    bool receive_more(std::chrono::milliseconds time);
    std::string take(std::size_t count);
    [[noreturn]] void fail(const std::string& wanted) const;

    int descriptor_ = -1;
    ending ended_ = ending::none;
    std::string received_;
    std::function<void(std::string_view)> tap_;
};

/// Waits until it holds. False: it did not within the time.
[[nodiscard]] bool wait_until(const std::function<bool()>& holds, std::chrono::milliseconds time = patience);

} // namespace bearward::test
