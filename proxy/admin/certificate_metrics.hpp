// How long the listeners' certificates are still valid (proxy/BEHAVIOUR.md 16.5): to alert
// before clients notice.
#pragma once

#include "proxy/serving.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <vector>

namespace bearward::proxy {

class certificate_metrics final : public prometheus::Collectable {
public:
    /// `rules` gives what is served now; from any thread.
    explicit certificate_metrics(std::function<serving_ptr()> rules) : rules_(std::move(rules)) {}

    /// Thread-safe. Nothing without TLS.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    std::function<serving_ptr()> rules_;
};

} // namespace bearward::proxy
