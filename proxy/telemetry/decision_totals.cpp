#include "proxy/telemetry/decision_totals.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace bearward::proxy {
namespace {

std::vector<decision_total> sum_of(const named_counters<route_counters>::blocks& workers) {
    std::vector<decision_total> totals;
    for (const auto& mode : policies::rules::enforcement_table) {
        for (const policies::reason_row& row : policies::reason_table) {
            std::uint64_t count = 0;
            for (const auto& each : workers) {
                count += each->decisions[static_cast<std::size_t>(mode.value)][static_cast<std::size_t>(row.value)].value();
            }
            if (count != 0) {
                totals.push_back({.reason = row.word, .mode = mode.word, .count = count});
            }
        }
    }
    std::ranges::sort(totals, [](const decision_total& left, const decision_total& right) {
        return std::tie(right.count, left.reason, left.mode) < std::tie(left.count, right.reason, right.mode);
    });
    return totals;
}

} // namespace

std::map<std::string, std::vector<decision_total>> sum_decisions(const counter_registry& counters) {
    std::map<std::string, std::vector<decision_total>> all;
    counters.read([&all](const counter_registry::kept& kept) {
        for (const auto& [route, workers] : kept.routes.all()) {
            if (auto totals = sum_of(workers); !totals.empty()) {
                all.emplace(route, std::move(totals));
            }
        }
    });
    return all;
}

} // namespace bearward::proxy
