// What the kernel counts of this process, under the names that all Prometheus
// clients use (process_*). Linux's /proc; what can't be read is left out.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace bearward::proxy {

class process_metrics final : public prometheus::Collectable {
public:
    process_metrics();

    /// Thread-safe.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    double started_; ///< seconds since the epoch; 0: unknown
};

} // namespace bearward::proxy
