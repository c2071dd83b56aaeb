#include "proxy/telemetry/log_losses.hpp"

namespace bearward::proxy {

std::uint64_t log_loss_counts::total() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& row : log_loss_table) {
        sum += value(row.value);
    }
    return sum;
}

std::string log_loss_counts::take_unsaid() {
    const std::uint64_t now = total();
    const std::uint64_t before = said_.exchange(now, std::memory_order_relaxed);
    if (now <= before) {
        return {};
    }
    std::string text = std::to_string(now - before) + " log lines were lost; since the start";
    for (const auto& row : log_loss_table) {
        text.append(&row == &log_loss_table.front() ? " " : ", ").append(row.word).append(" ");
        text += std::to_string(value(row.value));
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
    for (const auto& row : log_loss_table) {
        prometheus::ClientMetric sample;
        sample.label = {{"reason", std::string(row.word)}};
        sample.counter.value = static_cast<double>(log_losses().value(row.value));
        family.metric.push_back(std::move(sample));
    }
    return {std::move(family)};
}

} // namespace bearward::proxy
