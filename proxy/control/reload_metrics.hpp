// How reloads of the configuration went: bearward_config_reloads_total (contract 8).
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <atomic>
#include <cstdint>
#include <vector>

namespace bearward::proxy {

/// Thread-safe.
class reload_metrics final : public prometheus::Collectable {
public:
    void count(bool success) noexcept { (success ? successes_ : failures_).fetch_add(1, std::memory_order_relaxed); }

    /// Both results are always there, so that a first failure is an increase.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    std::atomic<std::uint64_t> successes_{0};
    std::atomic<std::uint64_t> failures_{0};
};

} // namespace bearward::proxy
