// Metric families in Prometheus' text format 0.0.4. As the library's own serializer writes
// them, but into one string: through a stream a page of many routes takes three times as long.
#pragma once

#include <prometheus/metric_family.h>

#include <span>
#include <string>

namespace bearward::proxy {

/// Of counters, gauges and histograms.
[[nodiscard]] std::string metrics_text(std::span<const prometheus::MetricFamily> families);

} // namespace bearward::proxy
