// The attempts to get a connection that are under way on one thread: those that
// connect and those that wait. A stop ends them all.
#pragma once

#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/readiness.hpp"

#include <boost/intrusive/list.hpp>

#include <chrono>

namespace bearward::proxy::upstream {

class attempts;

struct wait_queue;
/// Tagged: a sleeper may be in a queue besides the attempts.
using queue_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<wait_queue>, boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Lets a coroutine sleep until a stream is ready, a time has passed, or a stop.
class sleeper final : public deadline_listener,
                      public readiness_listener,
                      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>,
                      public queue_hook {
public:
    sleeper(deadline_wheel& wheel, attempts& among);
    sleeper(const sleeper&) = delete;
    sleeper& operator=(const sleeper&) = delete;

    /// From now on; every sleep ends with it.
    void limit(std::chrono::milliseconds at_most) { limit_.arm(at_most); }
    [[nodiscard]] bool expired() const noexcept { return limit_.expired(); }
    /// `co_await` it.
    [[nodiscard]] auto sleep() { return waiter_.wait(); }
    void wake() { waiter_.notify(); }

private:
    void on_deadline() override { wake(); }
    void on_ready() override { wake(); }

    waiter waiter_;
    deadline limit_;
};

/// Those who wait for one thing. Who is destroyed leaves it.
struct wait_queue {
    boost::intrusive::list<sleeper, boost::intrusive::base_hook<queue_hook>, boost::intrusive::constant_time_size<false>> sleepers;

    void add(sleeper& one) { sleepers.push_back(one); }
    /// Wakes all that are in it now. Each goes on at once, and may destroy the queue
    /// and its owner: the caller touches neither after this.
    void wake_all();
};

class attempts {
public:
    attempts() = default;
    attempts(const attempts&) = delete;
    attempts& operator=(const attempts&) = delete;

    /// Ends them: sleepers wake, to find it cancelled. There are to be no more.
    void cancel();
    [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }

private:
    friend class sleeper;

    boost::intrusive::list<sleeper, boost::intrusive::constant_time_size<false>> sleeping_;
    bool cancelled_ = false;
};

} // namespace bearward::proxy::upstream
