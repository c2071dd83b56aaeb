// One TCP connection between the worker and an actor, by Linux's rules: received bytes stay
// readable after a reset, an error is reported once, and a closed half reads as an end.
// Neither side sees the other's state: bytes, ends and resets travel.
#pragma once

#include "tests/simulation/choices.hpp"
#include "tests/simulation/timeline.hpp"

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace bearward::simulation {

/// How a connection's network behaves.
struct network_conduct {
    nanoseconds latency = 50us;             ///< at most, each way
    std::size_t receive_window = 64 * 1024; ///< bytes that the worker's side holds unread
    std::size_t send_window = 64 * 1024;    ///< bytes of the worker's that the peer has not read
    bool refills = false;                   ///< what the worker reads is replaced at once, as by a fast sender
};

class connection : public std::enable_shared_from_this<connection> {
public:
    connection(timeline& when, choices random, const network_conduct& conduct);

    // --- the worker's side: what system calls do. -1: errno is set. ---
    [[nodiscard]] ssize_t receive(char* into, std::size_t most, bool peek);
    [[nodiscard]] ssize_t send(std::string_view bytes);
    [[nodiscard]] int shut_down();
    /// `reset`: SO_LINGER of zero.
    void close(bool reset);
    /// SO_ERROR, which it clears.
    [[nodiscard]] int take_error() noexcept { return std::exchange(error_, 0); }
    [[nodiscard]] std::size_t unsent() const noexcept { return in_flight_; }
    /// EPOLLIN and its relatives.
    [[nodiscard]] std::uint32_t level() noexcept;
    [[nodiscard]] std::size_t unread() const noexcept { return received_.size() - taken_; }
    /// Notified of what epoll would report: the events, or 0 for "look yourself".
    std::function<void(std::uint32_t)> wake = [](std::uint32_t) {};

    /// The worker's connect() goes through, or fails with an error.
    void establish(int error);
    [[nodiscard]] bool connecting() const noexcept { return connecting_; }
    void begin_connecting() noexcept { connecting_ = true; }

    // --- the actor's side ---
    /// Bytes that are sent when the worker has room for them.
    void push(std::string_view bytes);
    /// The same, in one segment with what waits to be sent before it. False: there is no room for that.
    bool push_whole(std::string_view bytes);
    void finish();
    void reset();
    /// As when its process ends: what still comes is answered with a reset.
    void leave();
    /// Wakes whoever waits on the actor's side.
    void abandon();
    /// Bytes that have come, taken out; empty: none yet, or no more.
    [[nodiscard]] std::string take();
    [[nodiscard]] bool has_bytes() const noexcept { return !arrived_.empty(); }
    [[nodiscard]] bool ended() const noexcept { return end_arrived_ || broken_; } ///< no more will come
    [[nodiscard]] bool broken() const noexcept { return broken_; }                ///< by a reset
    /// `co_await` it: until there are bytes or an end, for `at_most` that long.
    [[nodiscard]] auto arrival(nanoseconds at_most) {
        struct awaiter {
            connection& of;
            nanoseconds at_most;
            bool await_ready() const noexcept { return of.has_bytes() || of.ended(); }
            void await_suspend(std::coroutine_handle<> awaiting) { of.suspend_reader(awaiting, at_most); }
            void await_resume() const noexcept {}
        };
        return awaiter{*this, at_most};
    }
    /// `co_await` it: until the worker's kernel has taken all, or never will.
    [[nodiscard]] auto delivery() {
        struct awaiter {
            connection& of;
            bool await_ready() const noexcept { return of.undelivered() == 0 || of.broken_ || of.closed_ || of.dead_ || of.gone_; }
            void await_suspend(std::coroutine_handle<> awaiting) noexcept { of.writer_ = awaiting; }
            void await_resume() const noexcept {}
        };
        return awaiter{*this};
    }

private:
    void suspend_reader(std::coroutine_handle<> awaiting, nanoseconds at_most);
    void time_reader();
    void deliver();
    void refill();
    void arrive(std::string bytes);
    void arrive_end(bool broken);
    void resume(std::coroutine_handle<>& who);
    void break_worker_side(int error);
    [[nodiscard]] nanoseconds next_arrival(nanoseconds& last);
    [[nodiscard]] std::size_t undelivered() const noexcept { return outgoing_.size() - given_; }
    void drop_outgoing() noexcept {
        outgoing_.clear();
        given_ = 0;
    }
    [[nodiscard]] bool writable() const noexcept { return unacknowledged_ * 3 <= conduct_.send_window * 2; }
    static int fail(int error) noexcept;

    timeline& when_;
    choices random_;
    network_conduct conduct_;

    std::string received_; ///< by the worker's kernel; from taken_ on unread
    std::size_t taken_ = 0;
    std::size_t shown_ = 0;          ///< of the unread, by a peek
    std::size_t unacknowledged_ = 0; ///< of the worker's bytes: in flight, or unread by the actor
    std::size_t in_flight_ = 0;
    int error_ = 0;
    bool connecting_ = false;
    bool end_received_ = false;
    bool dead_ = false; ///< no longer connected, by a reset
    bool shut_ = false;
    bool closed_ = false;
    bool wants_room_ = false;

    std::coroutine_handle<> reader_;
    std::coroutine_handle<> writer_;
    nanoseconds reader_until_{0};
    nanoseconds reader_moment_ = nanoseconds::max(); ///< when it is looked at next
    std::string arrived_;                            ///< at the actor
    std::string outgoing_;                           ///< from given_ on not delivered
    std::size_t given_ = 0;
    bool end_pushed_ = false;
    bool end_delivered_ = false;
    bool end_arrived_ = false;
    bool broken_ = false;
    bool whole_ = false; ///< nothing is cut any more
    bool gone_ = false;  ///< the actor reset it
    bool left_ = false;  ///< the actor closed it
    bool delivering_ = false;
    nanoseconds last_to_worker_{0};
    nanoseconds last_to_actor_{0};
};

using connection_ptr = std::shared_ptr<connection>;

} // namespace bearward::simulation
