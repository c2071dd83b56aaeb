#include "tests/simulation/timeline.hpp"

#include <algorithm>

namespace bearward::simulation {

void timeline::at(nanoseconds when, std::move_only_function<void()> what) {
    moments_.push_back({std::max(when, now_), order_++, std::move(what)});
    std::ranges::push_heap(moments_, later);
}

void timeline::run_due() {
    if (std::exchange(running_, true)) {
        return;
    }
    while (!moments_.empty() && moments_.front().when <= now_) {
        std::ranges::pop_heap(moments_, later);
        auto next = std::move(moments_.back().what);
        moments_.pop_back();
        ++happened_;
        next();
    }
    if (happened_ >= next_look_) { // it takes time
        next_look_ = happened_ + 100;
        drop_ended();
    }
    running_ = false;
}

bool timeline::advance() {
    if (moments_.empty()) {
        return false;
    }
    now_ = std::max(now_, moments_.front().when);
    run_due();
    return true;
}

void timeline::spawn(task<> script, const char* name) {
    actors_.push_back({std::move(script), name});
    after(0ns, [started = &actors_.back()] { started->script.start(); });
}

std::string timeline::names() const {
    std::string all;
    for (const auto& each : actors_) {
        all += (all.empty() ? "" : ", ") + std::string(each.name);
    }
    return all;
}

void timeline::drop_ended() {
    actors_.remove_if([](const actor& each) { return each.script.done(); });
}

void timeline::clear() {
    moments_.clear();
    actors_.clear();
    moments_.clear(); // those that ended with the actors
}

} // namespace bearward::simulation
