// Timeouts of one thread, coarse and cheap: arming is a list move, and one timer of
// the kernel serves them all. It does not fire while nothing is due, so an idle
// process does not wake up.
#pragma once

#include "proxy/event/ready_loop.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstdint>

namespace bearward::proxy {

/// Told on the worker's thread that a deadline has passed.
class deadline_listener {
public:
    virtual void on_deadline() = 0;

protected:
    ~deadline_listener() = default;
};

class deadline_wheel;

/// One timeout that can be armed again and again. Disarms itself when destroyed.
/// Not movable: the wheel links it.
class deadline : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    deadline(deadline_wheel& wheel, deadline_listener& listener) noexcept : wheel_(&wheel), listener_(&listener) {}
    deadline(const deadline&) = delete;
    deadline& operator=(const deadline&) = delete;
    ~deadline() = default;

    /// Expires once, between `after` and one tick later. Zero disarms: the
    /// configuration's word for "no timeout". Clears expired().
    void arm(std::chrono::milliseconds after);
    void disarm() noexcept;
    [[nodiscard]] bool armed() const noexcept { return is_linked(); }
    /// Whether it has expired since it was armed.
    [[nodiscard]] bool expired() const noexcept { return expired_; }

private:
    friend class deadline_wheel;
    deadline_wheel* wheel_;
    deadline_listener* listener_;
    std::uint64_t due_ = 0; ///< tick
    bool expired_ = false;
};

class deadline_wheel final : public event_source {
public:
    static constexpr std::chrono::milliseconds tick{100};

    /// Ticks on the thread of the context's ready_loop.
    explicit deadline_wheel(asio::io_context& context);
    ~deadline_wheel();
    deadline_wheel(const deadline_wheel&) = delete;
    deadline_wheel& operator=(const deadline_wheel&) = delete;

    /// Stops the timer for good: nothing expires any more.
    void close() noexcept;
    /// How many deadlines are armed; counts them one by one.
    [[nodiscard]] std::size_t armed() const noexcept;

private:
    friend class deadline;
    using clock = std::chrono::steady_clock;
    using slot = boost::intrusive::list<deadline, boost::intrusive::constant_time_size<false>>;
    /// 512 ticks are 51 s: a longer deadline is met again once a turn, which is rare enough.
    static constexpr std::size_t slot_count = 512;
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    void insert(deadline& entry, std::chrono::milliseconds after);
    [[nodiscard]] std::uint64_t current_tick() const noexcept;
    void wake_at(std::uint64_t tick_number);
    void on_events(std::uint32_t events) override;
    [[nodiscard]] std::uint64_t next_occupied() const noexcept;

    clock::time_point start_;
    ready_loop& loop_;
    int timer_; ///< timerfd_create(2)
    std::array<slot, slot_count> slots_;
    std::uint64_t done_ = 0;     ///< every slot up to this tick has been served
    std::uint64_t wake_ = never; ///< when the timer fires
    bool closed_ = false;
};

} // namespace bearward::proxy
