#include "proxy/telemetry/request_counters.hpp"

#include <algorithm>

namespace bearward::proxy {

using policies::reason;

status_counters::~status_counters() {
    for (auto& of_method : blocks_) {
        for (auto& each : of_method) {
            delete each.load(std::memory_order_relaxed);
        }
    }
}

void status_counters::add(policies::requests::method of, unsigned code) {
    code = std::clamp(code, first_code, last_code);
    auto& place = blocks_[static_cast<std::size_t>(of)][code / 100 - 1];
    block* counts = place.load(std::memory_order_relaxed);
    if (counts == nullptr) {
        counts = std::make_unique<block>().release();
        place.store(counts, std::memory_order_release);
    }
    (*counts)[code % 100].add();
}

std::uint64_t status_counters::value(policies::requests::method of, unsigned code) const noexcept {
    const block* const counts = blocks_[static_cast<std::size_t>(of)][code / 100 - 1].load(std::memory_order_acquire);
    return counts == nullptr ? 0 : (*counts)[code % 100].value();
}

bool status_counters::has_hundred_of(policies::requests::method of, unsigned code) const noexcept {
    return blocks_[static_cast<std::size_t>(of)][code / 100 - 1].load(std::memory_order_acquire) != nullptr;
}

void upstream_counters::failed(reason why) noexcept {
    const auto* const found = std::ranges::find(upstream_failures, why);
    if (found != upstream_failures.end()) {
        errors[static_cast<std::size_t>(found - upstream_failures.begin())].add();
    }
}

} // namespace bearward::proxy
