#include "proxy/admin/reload_metrics.hpp"

namespace bearward::proxy {

std::vector<prometheus::MetricFamily> reload_metrics::Collect() const {
    prometheus::MetricFamily family{
        "bearward_config_reloads_total", "Reloads of the configuration; failure: the old one stays.", prometheus::MetricType::Counter, {}};
    const auto add = [&family](const char* result, const std::atomic<std::uint64_t>& count) {
        prometheus::ClientMetric sample;
        sample.label = {{"result", result}};
        sample.counter.value = static_cast<double>(count.load(std::memory_order_relaxed));
        family.metric.push_back(std::move(sample));
    };
    add("success", successes_);
    add("failure", failures_);
    prometheus::MetricFamily lines{"bearward_revocation_lines_refused_total",
                                   "Malformed lines of revocation files that were left out at a reload.",
                                   prometheus::MetricType::Counter,
                                   {}};
    lines.metric.emplace_back().counter.value = static_cast<double>(refused_lines_.load(std::memory_order_relaxed));
    return {std::move(family), std::move(lines)};
}

} // namespace bearward::proxy
