// The numbers of one worker: written by its thread alone, read by any. A count is
// a load and a store, no locked instruction; readers see each number whole, but
// not all of them at one moment.
#pragma once

#include "policies/invariant.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace bearward::proxy {

/// Only grows.
class counter {
public:
    void add(std::uint64_t more = 1) noexcept { value_.store(value() + more, std::memory_order_relaxed); }
    /// Any thread.
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// How many there are now.
class gauge {
public:
    void add() noexcept { value_.store(value() + 1, std::memory_order_relaxed); }
    void subtract() noexcept {
        const std::uint64_t now = value();
        policies::invariant(now > 0, "a gauge is not taken below zero");
        value_.store(now - 1, std::memory_order_relaxed);
    }
    /// Any thread.
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// One of those that a gauge counts, while it lives.
class counted {
public:
    explicit counted(gauge& in) noexcept : in_(&in) { in.add(); }
    ~counted() { in_->subtract(); }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

    /// Counts it elsewhere from now on.
    void move_to(gauge& other) noexcept {
        in_->subtract();
        in_ = &other;
        other.add();
    }
    [[nodiscard]] gauge& where() const noexcept { return *in_; }

private:
    gauge* in_;
};

/// Durations in buckets from 1 ms to a minute: a proxy's own part is at the lower
/// end, an app's timeouts at the upper one.
class duration_histogram {
public:
    /// Upper bounds, inclusive; above the last is one more bucket.
    static constexpr std::array<std::chrono::microseconds, 14> bounds{
        std::chrono::microseconds{1'000},      std::chrono::microseconds{2'500},      std::chrono::microseconds{5'000},
        std::chrono::microseconds{10'000},     std::chrono::microseconds{25'000},     std::chrono::microseconds{50'000},
        std::chrono::microseconds{100'000},    std::chrono::microseconds{250'000},    std::chrono::microseconds{500'000},
        std::chrono::microseconds{1'000'000},  std::chrono::microseconds{2'500'000},  std::chrono::microseconds{5'000'000},
        std::chrono::microseconds{10'000'000}, std::chrono::microseconds{60'000'000},
    };

    void observe(std::chrono::microseconds took) noexcept {
        const auto bucket = std::ranges::lower_bound(bounds, took) - bounds.begin();
        counts_[static_cast<std::size_t>(bucket)].add();
        sum_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)));
    }

    /// Those of one bucket alone, not of the ones below it. Any thread.
    [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept { return counts_[bucket].value(); }
    /// In microseconds. Any thread.
    [[nodiscard]] std::uint64_t sum() const noexcept { return sum_.value(); }

private:
    std::array<counter, bounds.size() + 1> counts_;
    counter sum_;
};

} // namespace bearward::proxy
