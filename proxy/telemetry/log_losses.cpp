#include "proxy/telemetry/log_losses.hpp"

namespace bearward::proxy {

std::uint64_t log_loss_counts::total() const noexcept {
    return value(log_loss::write_failed) + value(log_loss::stalled) + value(log_loss::queue_full);
}

std::string log_loss_counts::take_unsaid() {
    const std::uint64_t now = total();
    const std::uint64_t before = said_.exchange(now, std::memory_order_relaxed);
    if (now <= before) {
        return {};
    }
    std::string text = std::to_string(now - before) + " log lines were lost; since the start";
    for (std::size_t why = 0; why < log_loss_labels.size(); ++why) {
        text.append(why == 0 ? " " : ", ").append(log_loss_labels[why]).append(" ");
        text += std::to_string(value(static_cast<log_loss>(why)));
    }
    return text;
}

log_loss_counts& log_losses() noexcept {
    static log_loss_counts counts;
    return counts;
}

std::vector<prometheus::MetricFamily> log_loss_metrics::Collect() const {
    prometheus::MetricFamily family{
        "bearward_log_lines_lost_total", "Log lines that could not be written.", prometheus::MetricType::Counter, {}};
    for (std::size_t why = 0; why < log_loss_labels.size(); ++why) {
        prometheus::ClientMetric sample;
        sample.label = {{"reason", std::string(log_loss_labels[why])}};
        sample.counter.value = static_cast<double>(log_losses().value(static_cast<log_loss>(why)));
        family.metric.push_back(std::move(sample));
    }
    return {std::move(family)};
}

} // namespace bearward::proxy
