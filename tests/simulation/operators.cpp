// Whoever changes what the worker does while it serves.
#include "tests/simulation/actors.hpp"

#include <utility>

namespace bearward::simulation {
namespace {

/// One of the addresses goes, or another comes; clients that come meanwhile find the door closed.
proxy::listener_change change_listeners(world& in, choices& random) {
    proxy::listener_change change{.moved_to = {0}, .opened = {}};
    if (random.one_in(4)) {
        change.moved_to = {std::nullopt};
        in.kernel.trace("  the listeners so far close");
        in.listeners.clear();
    }
    if (in.listeners.empty() || random.one_in(4)) {
        in.listeners.push_back(in.kernel.open_listener());
        change.opened.emplace_back(proxy::owned_descriptor(in.listeners.back()), 0);
    }
    return change;
}

} // namespace

task<> reloading_operator(world& in, choices random) {
    for (auto left = random.between(1, 4); left != 0; --left) {
        co_await in.kernel.time.sleep(choose_pause(random, 15s));
        if (in.worker == nullptr) {
            co_return;
        }
        const rule_book& next = find_rule_book(in.speaks, static_cast<unsigned>(random.below(rule_book_count)));
        auto rules = in.prepare(next);
        in.book.begin_rules(next);
        in.kernel.trace("  reloads");
        const auto adopted = std::make_shared<bool>(false);
        in.worker->replace_rules(std::move(rules), change_listeners(in, random), [&in, adopted] {
            in.book.adopt_rules();
            for (auto& each : std::exchange(in.at_reload, {})) {
                each();
            }
            *adopted = true;
        });
        while (!*adopted && in.worker != nullptr) { // reloads come one after the other
            co_await in.kernel.time.sleep(1ms);
        }
    }
}

task<> revoking_operator(world& in, choices random) {
    for (auto left = random.between(1, 4); left != 0; --left) {
        co_await in.kernel.time.sleep(choose_pause(random, 25s));
        if (in.worker == nullptr) {
            co_return;
        }
        const bool whole_user = random.percent(30);
        const auto place = random.below(in.named.size());
        if (!in.named.empty()) {
            whole_user ? in.withdrawn->withdraw_user(in.named[place]->user) : in.withdrawn->withdraw_id(in.named[place]->id);
            in.worker->recheck_guarded();
        }
    }
}

task<> stopping_operator(world& in, choices random) {
    co_await in.kernel.time.sleep(choose_pause(random, 30s));
    if (in.worker == nullptr) {
        co_return;
    }
    in.book.expect_breaks();
    in.kernel.trace("  drains");
    in.worker->drain();
    if (random.percent(50)) {
        co_await in.kernel.time.sleep(choose_pause(random, 10s));
        if (in.worker != nullptr) {
            in.kernel.trace("  stops");
            in.worker->stop();
        }
    }
}

task<> health_checks(world& in, choices random) {
    for (auto left = random.between(1, 10); left != 0; --left) {
        co_await in.kernel.time.sleep(choose_pause(random, 10s));
        if (in.known == nullptr) {
            co_return;
        }
        const auto port = std::to_string(random.one_of(app_ports));
        const std::string host = random.percent(30) ? "app.test:" : "127.0.0.1:";
        in.known->statuses.at("app", host + port)->healthy.store(random.percent(50));
    }
}

} // namespace bearward::simulation
