// Virtual time, and what is to happen in it. Moments of the same time keep the order in
// which they were added.
#pragma once

#include "tests/simulation/task.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace bearward::simulation {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

class timeline {
public:
    static constexpr nanoseconds started_at = 1000s;

    /// CLOCK_MONOTONIC; a scenario begins long after the machine did.
    [[nodiscard]] nanoseconds now() const noexcept { return now_; }
    /// A call takes time; what is due meanwhile happens with the next run_due().
    void spend(nanoseconds some) noexcept { now_ += some; }

    void at(nanoseconds when, std::move_only_function<void()> what);
    void after(nanoseconds wait, std::move_only_function<void()> what) { at(now_ + wait, std::move(what)); }
    /// What is due by now; nothing when called from what is due.
    void run_due();
    /// Goes on to the next moment. False: there is none.
    [[nodiscard]] bool advance();
    [[nodiscard]] bool empty() const noexcept { return moments_.empty(); }

    /// Lives until it ends, or clear(). `name`: a literal.
    void spawn(task<> actor, const char* name);
    /// How many have not ended.
    [[nodiscard]] std::size_t actors() {
        drop_ended();
        return actors_.size();
    }
    /// Whoever has not ended.
    [[nodiscard]] std::string names() const;
    /// Ends all actors and forgets what was to happen.
    void clear();

    /// `co_await` it.
    [[nodiscard]] auto sleep(nanoseconds wait) {
        struct awaiter {
            timeline& of;
            nanoseconds wait;
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> awaiting) {
                of.after(wait, [awaiting] { awaiting.resume(); });
            }
            void await_resume() const noexcept {}
        };
        return awaiter{*this, wait};
    }

private:
    struct moment {
        nanoseconds when;
        std::uint64_t order;
        std::move_only_function<void()> what;
    };
    static bool later(const moment& one, const moment& other) noexcept {
        return one.when != other.when ? one.when > other.when : one.order > other.order;
    }

    void drop_ended();

    nanoseconds now_ = started_at;
    std::uint64_t order_ = 0;
    std::uint64_t happened_ = 0;
    std::uint64_t next_look_ = 0; ///< for actors that have ended
    std::vector<moment> moments_; ///< a heap
    struct actor {
        task<> script;
        const char* name;
    };
    std::list<actor> actors_;
    bool running_ = false;
};

} // namespace bearward::simulation
