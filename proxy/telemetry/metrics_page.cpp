#include "proxy/telemetry/metrics_page.hpp"

#include "proxy/telemetry/metrics_text.hpp"

#include <iterator>

namespace bearward::proxy {

std::string metrics_page::text() const {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& each : sources_) {
        auto more = each->Collect();
        families.insert(families.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return metrics_text(families);
}

} // namespace bearward::proxy
