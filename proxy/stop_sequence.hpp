// How the workers end: asked to, after a delay they drain, and after the drain's time
// they are stopped. Knows when all are done.
#pragma once

#include "proxy/worker.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace bearward::proxy {

/// Thread-safe.
class stop_sequence {
public:
    /// `workers` must outlive this; those that exist when it is used count.
    explicit stop_sequence(const std::vector<std::unique_ptr<worker>>& workers) : workers_(workers) {}

    /// A worker's thread runs, or has ended.
    void began_one();
    void ended_one();

    /// `timeout` counts from the end of the delay, which passes in wait(). Idempotent.
    void drain(std::chrono::milliseconds delay, std::chrono::milliseconds timeout);
    /// Everything ends now. Idempotent.
    void stop();
    /// Until all workers have ended.
    void wait();

    /// From the first moment on: nobody should be sent here any more.
    [[nodiscard]] bool asked() const noexcept { return asked_.load(std::memory_order_relaxed); }
    /// After the delay.
    [[nodiscard]] bool draining() const noexcept { return draining_.load(std::memory_order_relaxed); }

private:
    using clock = std::chrono::steady_clock;

    void begin_drain();
    void stop_all();

    const std::vector<std::unique_ptr<worker>>& workers_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<bool> asked_{false};
    std::atomic<bool> draining_{false};
    bool stopped_ = false;
    clock::time_point drain_begin_;
    clock::time_point drain_end_;
    unsigned running_ = 0;
};

} // namespace bearward::proxy
