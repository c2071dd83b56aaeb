// Spans on their way from the workers to the thread that sends them: a bounded queue a worker, without locks.
#pragma once

#include "proxy/telemetry/counters.hpp"
#include "proxy/telemetry/record_ring.hpp"
#include "proxy/telemetry/span_record.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace bearward::proxy {

class span_queues;

/// Of one worker.
class span_queue {
public:
    static constexpr std::size_t capacity = 2048;

    explicit span_queue(span_queues& among) : ring_(capacity), among_(among) {}

    /// Swaps the span in; where there is no room it is dropped, and counted. Either way `span` may hold
    /// another's: its texts have memory. Never waits. Only on the worker's thread.
    void push(span_record& span);
    /// How many found no room. Any thread.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.value(); }

private:
    friend class span_queues;

    record_ring<span_record> ring_;
    counter dropped_;
    span_queues& among_;
};

class span_queues {
public:
    /// A queue for one more worker. Thread-safe.
    [[nodiscard]] span_queue& open();
    /// Who is to be called, on any worker's thread, when there are spans after a sleep, or many. Before the workers run.
    void on_spans(std::function<void()> wake) { wake_ = std::move(wake); }
    /// How many found no room. Thread-safe.
    [[nodiscard]] std::uint64_t dropped() const;

    /// Calls `consume(span_record&)` for one span after the other, of each queue in turn, until it returns false
    /// or there are none. On the reading thread, as what follows.
    template <typename Consume>
    void take(Consume&& consume) {
        bool more = true;
        while (more) {
            std::size_t taken = 0;
            for (std::size_t at = 0; more; ++at) {
                span_queue* const queue = find(at);
                if (queue == nullptr) {
                    break;
                }
                taken += queue->ring_.drain([&](span_record& span) { more = consume(span); }, 1);
            }
            more = more && taken != 0;
        }
    }
    /// Whether there are none. Then the next one wakes.
    [[nodiscard]] bool sleep();

private:
    friend class span_queue;

    /// Null: there are no more.
    [[nodiscard]] span_queue* find(std::size_t place) const;
    void wake_sleeper();
    void wake();

    std::function<void()> wake_;
    std::atomic<bool> asleep_{false};
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<span_queue>> queues_; ///< it only grows
};

} // namespace bearward::proxy
