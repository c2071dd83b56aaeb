#include "tests/simulation/late_keys.hpp"

#include "tests/simulation/actors.hpp"

#include <algorithm>
#include <utility>

namespace bearward::simulation {

late_keys::~late_keys() {
    now_ = shortage::none;
    for (const auto& each : known_) {
        apply(each);
    }
}

void late_keys::apply(const provider_keys& to) const {
    to.ring->replace(now_ == shortage::all ? nullptr : to.all);
    to.ring->outdated_from(now_ == shortage::none ? policies::time_point::max() : policies::time_point::min());
}

void late_keys::serve(const policies::snapshot& rules) {
    for (const auto& each : rules.providers) {
        const auto& ring = std::get<policies::jwt_provider>(each.how).keys;
        if (std::ranges::find(known_, ring, &provider_keys::ring) == known_.end()) {
            known_.push_back({ring, ring->current().keys});
            if (now_ != shortage::none) {
                apply(known_.back());
            }
        }
    }
}

void late_keys::lack(shortage what) {
    if (now_ == what) {
        return;
    }
    kernel_.trace(what == shortage::none  ? "  all keys are there"
                  : what == shortage::all ? "  there are no keys"
                                          : "  keys may be outdated");
    now_ = what;
    book_.lack_keys(what);
    for (const auto& each : known_) {
        apply(each);
    }
}

std::chrono::milliseconds late_keys::begin(const policies::need& what, proxy::ready_loop& on, std::function<void()> over) {
    if (now_ == shortage::none) {
        kernel_.fault("keys are needed that are there: provider " + what.of->rules.provider);
    }
    if (random_.one_in(6)) {
        return {};
    }
    const bool ends = !random_.one_in(5);
    const bool brings = random_.percent(70);
    const nanoseconds takes(random_.between(1, 3'000) * 1'000'000);
    kernel_.trace("  a round for keys begins", ends ? "" : " and does not end");
    if (ends) {
        kernel_.time.after(takes, [this, &on, brings, over = std::move(over), open = std::weak_ptr(open_)] {
            if (open.expired()) {
                return;
            }
            if (brings) {
                lack(shortage::none);
            }
            on.post(over);
        });
    }
    return std::chrono::milliseconds(random_.between(1, 5'000));
}

task<> key_issuer(world& in, choices random) {
    for (auto left = random.between(1, 4); left != 0; --left) {
        co_await in.kernel.time.sleep(choose_pause(random, 15s));
        if (in.worker == nullptr) {
            co_return;
        }
        in.keys->lack(random.percent(60) ? shortage::all : shortage::others);
        co_await in.kernel.time.sleep(choose_pause(random, 20s));
        if (in.worker == nullptr) {
            co_return;
        }
        in.keys->lack(shortage::none);
    }
}

} // namespace bearward::simulation
