#include "proxy/stop_sequence.hpp"

namespace bearward::proxy {

void stop_sequence::began_one() {
    const std::lock_guard lock(mutex_);
    ++running_;
}

void stop_sequence::ended_one() {
    const std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_all();
}

void stop_sequence::drain(std::chrono::milliseconds delay, std::chrono::milliseconds timeout) {
    const std::lock_guard lock(mutex_);
    if (asked_.exchange(true)) {
        return;
    }
    drain_begin_ = clock::now() + delay;
    drain_end_ = drain_begin_ + timeout;
    if (delay.count() == 0) {
        begin_drain();
    }
    changed_.notify_all();
}

void stop_sequence::begin_drain() {
    draining_.store(true);
    for (const auto& each : workers_) {
        each->drain();
    }
}

void stop_sequence::stop() {
    const std::lock_guard lock(mutex_);
    stop_all();
}

void stop_sequence::stop_all() {
    asked_.store(true);
    draining_.store(true);
    if (std::exchange(stopped_, true)) {
        return;
    }
    for (const auto& each : workers_) {
        each->stop();
    }
    changed_.notify_all();
}

void stop_sequence::wait() {
    std::unique_lock lock(mutex_);
    while (running_ != 0) {
        if (stopped_ || !asked()) {
            changed_.wait(lock);
        } else if (!draining()) {
            if (changed_.wait_until(lock, drain_begin_) == std::cv_status::timeout && !stopped_) {
                begin_drain();
            }
        } else if (changed_.wait_until(lock, drain_end_) == std::cv_status::timeout) {
            stop_all();
        }
    }
}

} // namespace bearward::proxy
