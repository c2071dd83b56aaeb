// The metrics of requests (proxy/BEHAVIOUR.md 16): sums the workers' counters when somebody
// asks. Series that never counted are left out, except those whose first increase
// an alert must see.
#pragma once

#include "proxy/telemetry/counter_registry.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace bearward::proxy {

class request_metrics final : public prometheus::Collectable {
public:
    /// The registry must outlive this.
    explicit request_metrics(const counter_registry& counters) : counters_(counters) {}

    /// Thread-safe.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const counter_registry& counters_;
};

} // namespace bearward::proxy
