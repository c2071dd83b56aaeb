// A bounded queue from one writing thread to one reading thread, lock-free.
// Elements are swapped in and read in place, so that a slot's strings keep their
// memory and a busy queue allocates nothing. Knows nothing of logging.
#pragma once

#include "policies/invariant.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace bearward::proxy {

template <typename T>
class record_ring { // NOLINT(clang-analyzer-optin.performance.Padding): each side writes on a cache line of its own
public:
    /// `capacity` is a power of two.
    explicit record_ring(std::size_t capacity) : slots_(capacity), mask_(capacity - 1) {
        policies::invariant(std::has_single_bit(capacity), "a ring's capacity is a power of two");
    }

    enum class pushed : std::uint8_t { no, yes, half_full };

    /// Swaps the element in; `no` leaves it alone. `half_full` once each time that
    /// mark is reached. Only on the writing thread.
    [[nodiscard]] pushed push(T& element) noexcept {
        const std::uint64_t head = head_.load(std::memory_order_relaxed);
        if (head - known_tail_ >= slots_.size() / 2) {
            known_tail_ = tail_.load(std::memory_order_acquire);
            policies::invariant(head - known_tail_ <= slots_.size(), "a ring holds no more than its slots");
            if (head - known_tail_ == slots_.size()) {
                return pushed::no;
            }
        }
        using std::swap;
        swap(slots_[head & mask_], element);
        // Sequentially consistent: the writer looks next at whether the reader
        // sleeps, and the reader looks at head after it said so.
        head_.store(head + 1, std::memory_order_seq_cst);
        return head + 1 - known_tail_ == slots_.size() / 2 ? pushed::half_full : pushed::yes;
    }

    /// Calls `consume(T&)` for each element that is there, `most` at most; how many. Only
    /// on the reading thread.
    template <typename Consume>
    std::size_t drain(Consume&& consume, std::size_t most = std::numeric_limits<std::size_t>::max()) {
        const std::uint64_t start = tail_.load(std::memory_order_relaxed);
        const std::uint64_t head = start + std::min<std::uint64_t>(head_.load(std::memory_order_seq_cst) - start, most);
        for (std::uint64_t tail = start; tail != head; ++tail) {
            consume(slots_[tail & mask_]);
            tail_.store(tail + 1, std::memory_order_release);
        }
        return static_cast<std::size_t>(head - start);
    }

    /// Only on the reading thread.
    [[nodiscard]] bool empty() const noexcept { return head_.load(std::memory_order_seq_cst) == tail_.load(std::memory_order_relaxed); }

private:
    std::vector<T> slots_;
    std::size_t mask_;
    alignas(64) std::atomic<std::uint64_t> head_{0}; // written by the writer
    std::uint64_t known_tail_ = 0;                   // the writer's copy of tail_
    alignas(64) std::atomic<std::uint64_t> tail_{0}; // written by the reader
};

} // namespace bearward::proxy
