#include "proxy/telemetry/span_queues.hpp"

namespace bearward::proxy {

void span_queue::push(span_record& span) {
    const auto pushed = ring_.push(span);
    if (pushed == record_ring<span_record>::pushed::no) {
        dropped_.add();
    } else if (pushed == record_ring<span_record>::pushed::half_full) {
        among_.wake();
    } else {
        among_.wake_sleeper();
    }
}

span_queue& span_queues::open() {
    const std::scoped_lock lock(mutex_);
    return *queues_.emplace_back(std::make_unique<span_queue>(*this));
}

std::uint64_t span_queues::dropped() const {
    const std::scoped_lock lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& queue : queues_) {
        sum += queue->dropped();
    }
    return sum;
}

span_queue* span_queues::find(std::size_t place) const {
    const std::scoped_lock lock(mutex_);
    return place < queues_.size() ? queues_[place].get() : nullptr;
}

bool span_queues::sleep() {
    // Says that it sleeps, then looks once more; a worker pushes first and looks then: one of the two sees the other.
    asleep_.store(true, std::memory_order_seq_cst);
    for (std::size_t at = 0;; ++at) {
        const span_queue* const queue = find(at);
        if (queue == nullptr) {
            return true;
        }
        if (!queue->ring_.empty()) {
            asleep_.store(false, std::memory_order_seq_cst);
            return false;
        }
    }
}

void span_queues::wake_sleeper() {
    if (asleep_.load(std::memory_order_seq_cst)) {
        wake();
    }
}

void span_queues::wake() {
    asleep_.store(false, std::memory_order_seq_cst);
    if (wake_) {
        wake_();
    }
}

} // namespace bearward::proxy
