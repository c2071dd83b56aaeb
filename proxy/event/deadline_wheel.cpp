#include "proxy/event/deadline_wheel.hpp"

#include "policies/invariant.hpp"

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <system_error>

#include <sys/timerfd.h>
#include <unistd.h>

namespace bearward::proxy {

void deadline::arm(std::chrono::milliseconds after) {
    unlink();
    expired_ = false;
    if (after > std::chrono::milliseconds::zero()) {
        wheel_->insert(*this, after);
    }
}

void deadline::disarm() noexcept {
    unlink();
    expired_ = false;
}

deadline_wheel::deadline_wheel(asio::io_context& context)
    : start_(clock::now()), loop_(ready_loop::of(context)), timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (timer_ < 0 || !loop_.join(timer_, *this)) {
        throw std::system_error(errno, std::generic_category(), "a timer");
    }
}

deadline_wheel::~deadline_wheel() {
    loop_.forget(*this);
    ::close(timer_);
}

void deadline_wheel::close() noexcept {
    closed_ = true;
    const itimerspec disarmed{};
    ::timerfd_settime(timer_, 0, &disarmed, nullptr);
}

std::size_t deadline_wheel::armed() const noexcept {
    return std::accumulate(slots_.begin(), slots_.end(), std::size_t{0},
                           [](std::size_t sum, const slot& each) { return sum + each.size(); });
}

std::uint64_t deadline_wheel::current_tick() const noexcept {
    return static_cast<std::uint64_t>((clock::now() - start_) / tick);
}

void deadline_wheel::insert(deadline& entry, std::chrono::milliseconds after) {
    // One tick more than asked, since the current one has begun already.
    const auto ticks = static_cast<std::uint64_t>((after + tick - std::chrono::milliseconds{1}) / tick) + 1;
    entry.due_ = current_tick() + ticks;
    policies::invariant(entry.due_ > done_, "a deadline is put where the wheel has not been yet");
    slots_[entry.due_ % slot_count].push_back(entry);
    if (entry.due_ < wake_) {
        wake_at(entry.due_);
    }
}

void deadline_wheel::wake_at(std::uint64_t tick_number) {
    if (closed_) {
        return;
    }
    wake_ = tick_number;
    // steady_clock is CLOCK_MONOTONIC.
    const auto due = std::chrono::nanoseconds((start_ + tick * static_cast<std::int64_t>(tick_number)).time_since_epoch());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(due);
    const itimerspec once{.it_interval = {}, .it_value = {.tv_sec = seconds.count(), .tv_nsec = (due - seconds).count()}};
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &once, nullptr);
}

/// The timer fired. Edge-triggered, it need not be read.
void deadline_wheel::on_events(std::uint32_t) {
    if (closed_) {
        return;
    }
    const std::uint64_t now = current_tick();
    wake_ = never;
    const std::uint64_t first = std::max(done_ + 1, now >= slot_count ? now - slot_count + 1 : 0);
    done_ = now;
    slot due;
    for (std::uint64_t number = first; number <= now; ++number) {
        slot& here = slots_[number % slot_count];
        for (auto entry = here.begin(); entry != here.end();) {
            auto& candidate = *entry++;
            if (candidate.due_ <= now) {
                candidate.unlink();
                due.push_back(candidate);
            }
        }
    }
    // A listener may disarm or destroy other entries: auto_unlink keeps `due` right.
    while (!due.empty()) {
        deadline& entry = due.front();
        due.pop_front();
        entry.expired_ = true;
        entry.listener_->on_deadline();
    }
    // A listener that armed a late deadline has set wake_, but others may be due before.
    if (const std::uint64_t next = next_occupied(); next < wake_) {
        wake_at(next);
    }
}

std::uint64_t deadline_wheel::next_occupied() const noexcept {
    for (std::uint64_t number = done_ + 1; number <= done_ + slot_count; ++number) {
        if (!slots_[number % slot_count].empty()) {
            return number;
        }
    }
    return never;
}

} // namespace bearward::proxy
