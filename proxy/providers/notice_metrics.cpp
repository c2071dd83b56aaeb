#include "proxy/providers/notice_metrics.hpp"

#include <string>

namespace bearward::proxy::providers {

std::vector<prometheus::MetricFamily> notice_metrics::Collect() const {
    prometheus::MetricFamily family{"bearward_issuer_notices_total",
                                    "What issuers told of revocations (receiver: logout, events), by what became of it: kept, ignored, "
                                    "refused, unavailable.",
                                    prometheus::MetricType::Counter,
                                    {}};
    for (const auto& [whose, results] : from_.counts.totals()) {
        for (const auto& row : notice_results) {
            prometheus::ClientMetric& sample = family.metric.emplace_back();
            sample.label = {{"provider", whose.first}, {"receiver", std::string(whose.second)}, {"result", std::string(row.word)}};
            sample.counter.value = static_cast<double>(results[static_cast<std::size_t>(row.value)]);
        }
    }
    return family.metric.empty() ? std::vector<prometheus::MetricFamily>{} : std::vector{std::move(family)};
}

} // namespace bearward::proxy::providers
