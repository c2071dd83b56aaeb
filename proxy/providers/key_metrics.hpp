// The metrics of fetched keys (proxy/BEHAVIOUR.md 16).
#pragma once

#include "proxy/providers/key_sources.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace bearward::proxy::providers {

class key_metrics final : public prometheus::Collectable {
public:
    /// The sources must outlive this.
    explicit key_metrics(const key_sources& from) : from_(from) {}

    /// Thread-safe.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const key_sources& from_;
};

} // namespace bearward::proxy::providers
