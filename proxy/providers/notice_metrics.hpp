// What issuers told of, for /metrics.
#pragma once

#include "proxy/notice_memory.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace bearward::proxy::providers {

class notice_metrics final : public prometheus::Collectable {
public:
    /// `from` must outlive this.
    explicit notice_metrics(const notice_memory& from) : from_(from) {}

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const notice_memory& from_;
};

} // namespace bearward::proxy::providers
