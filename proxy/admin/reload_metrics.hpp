// How reloads of the configuration went: bearward_config_reloads_total, and
// bearward_revocation_lines_refused_total.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bearward::proxy {

/// Thread-safe.
class reload_metrics final : public prometheus::Collectable {
public:
    /// `refused_lines`: of revocation files, left out.
    void count(bool success, std::size_t refused_lines = 0) noexcept {
        (success ? successes_ : failures_).fetch_add(1, std::memory_order_relaxed);
        refused_lines_.fetch_add(refused_lines, std::memory_order_relaxed);
    }

    /// Both results are always there, so that a first failure is an increase.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    std::atomic<std::uint64_t> successes_{0};
    std::atomic<std::uint64_t> failures_{0};
    std::atomic<std::uint64_t> refused_lines_{0};
};

} // namespace bearward::proxy
