#include "proxy/tracing/span_metrics.hpp"

#include <utility>

namespace bearward::proxy::tracing {

std::vector<prometheus::MetricFamily> span_metrics::Collect() const {
    const auto totals = of_.totals();
    if (!totals) {
        return {};
    }
    prometheus::MetricFamily family{"bearward_spans_total",
                                    "Spans by what became of them: exported, dropped (too many were waiting), failed (the collector did "
                                    "not take them).",
                                    prometheus::MetricType::Counter,
                                    {}};
    for (const auto& [result, count] :
         {std::pair("exported", totals->exported), std::pair("dropped", totals->dropped), std::pair("failed", totals->failed)}) {
        prometheus::ClientMetric& sample = family.metric.emplace_back();
        sample.label = {{"result", result}};
        sample.counter.value = static_cast<double>(count);
    }
    return {std::move(family)};
}

} // namespace bearward::proxy::tracing
