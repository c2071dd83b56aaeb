// How often what was decided on each route, for people (the metrics say it for machines).
#pragma once

#include "proxy/telemetry/counter_registry.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy {

struct decision_total {
    std::string_view reason; ///< a literal
    std::string_view mode;   ///< a literal; `enforce` for what was acted on
    std::uint64_t count = 0;
};

/// By route, the commonest first; what was never decided is left out. Of requests without a
/// route under counter_registry::no_route. Thread-safe.
[[nodiscard]] std::map<std::string, std::vector<decision_total>> sum_decisions(const counter_registry& counters);

} // namespace bearward::proxy
