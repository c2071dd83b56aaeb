// When a worker asks again about what is open: soon after something was revoked, and a few times a
// second at most.
#pragma once

#include "proxy/event/deadline_wheel.hpp"
#include "proxy/event/ready_loop.hpp"
#include "proxy/worker_context.hpp"

#include <chrono>
#include <utility>

namespace bearward::proxy {

class guard_sweep final : public deadline_listener, public turn_listener {
public:
    explicit guard_sweep(worker_context& owner) : owner_(owner), soon_(owner.wheel(), *this) {}

    /// On the worker's thread. What is revoked by now ends within a fraction of a second; with `new_rules`
    /// what is open hears of these.
    void ask(bool new_rules = false) {
        new_rules_ = new_rules_ || new_rules;
        if (!soon_.armed()) {
            soon_.arm(pace);
        }
    }

private:
    static constexpr std::chrono::milliseconds pace{100};

    void on_deadline() override {
        owner_.guards().begin_recheck(std::exchange(new_rules_, false));
        on_turn_end();
    }
    void on_turn_end() override {
        auto& around = owner_.outside_now();
        while (owner_.guards().recheck_next(owner_.rules()->rules(), around)) {
            if (owner_.loop().turn_is_spent()) {
                owner_.loop().give_up_turn(*this);
                return;
            }
        }
    }

    worker_context& owner_;
    deadline soon_;
    bool new_rules_ = false;
};

} // namespace bearward::proxy
