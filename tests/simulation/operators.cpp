// Whoever changes what the worker does while it serves.
#include "tests/simulation/actors.hpp"

namespace bearward::simulation {

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
        in.worker->replace_rules(std::move(rules), {.moved_to = {0}, .opened = {}}, [&in, adopted] {
            in.book.adopt_rules();
            *adopted = true;
        });
        while (!*adopted && in.worker != nullptr) { // reloads come one after the other
            co_await in.kernel.time.sleep(1ms);
        }
    }
}

task<> stopping_operator(world& in, choices random) {
    co_await in.kernel.time.sleep(choose_pause(random, 30s));
    if (in.worker == nullptr) {
        co_return;
    }
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
