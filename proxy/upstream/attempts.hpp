// The attempts to get a connection that are under way on one thread: those that
// connect and those that wait. A stop ends them all.
#pragma once

#include "proxy/deadline_wheel.hpp"
#include "proxy/readiness.hpp"

#include <chrono>
#include <vector>

namespace bearward::proxy::upstream {

/// Lets a coroutine sleep for a while, or until somebody or a stream wakes it.
class sleeper final : public deadline_listener, public readiness_listener {
public:
    explicit sleeper(deadline_wheel& wheel) : limit_(wheel, *this) {}
    /// `co_await` it; each time anew.
    [[nodiscard]] auto sleep(std::chrono::milliseconds at_most) {
        limit_.arm(at_most);
        return waiter_.wait();
    }
    void wake() { waiter_.notify(); }

private:
    void on_deadline() override { wake(); }
    void on_ready() override { wake(); }

    waiter waiter_;
    deadline limit_;
};

class attempts {
public:
    attempts() = default;
    attempts(const attempts&) = delete;
    attempts& operator=(const attempts&) = delete;

    void add(stream_socket& socket) { connecting_.push_back(&socket); }
    void remove(stream_socket& socket) noexcept { std::erase(connecting_, &socket); }
    void add(sleeper& waiting) { waiting_.push_back(&waiting); }
    void remove(sleeper& waiting) noexcept { std::erase(waiting_, &waiting); }

    /// Ends them: connects fail, sleepers wake. There are to be no more.
    void cancel();
    [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }

private:
    std::vector<stream_socket*> connecting_;
    std::vector<sleeper*> waiting_;
    bool cancelled_ = false;
};

} // namespace bearward::proxy::upstream
