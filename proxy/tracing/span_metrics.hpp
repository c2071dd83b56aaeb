// What became of spans, for /metrics.
#pragma once

#include "proxy/tracing/span_exporter.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace bearward::proxy::tracing {

class span_metrics final : public prometheus::Collectable {
public:
    /// The exporter must outlive this.
    explicit span_metrics(const span_exporter& of) : of_(of) {}

    /// Thread-safe.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const span_exporter& of_;
};

} // namespace bearward::proxy::tracing
