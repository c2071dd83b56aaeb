// The metrics of revocations that change while the process runs (proxy/BEHAVIOUR.md 16).
#pragma once

#include "proxy/providers/revocations.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace bearward::proxy::providers {

class revocation_metrics final : public prometheus::Collectable {
public:
    /// The revocations must outlive this.
    explicit revocation_metrics(const revocations& from) : from_(from) {}

    /// Thread-safe.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const revocations& from_;
};

} // namespace bearward::proxy::providers
