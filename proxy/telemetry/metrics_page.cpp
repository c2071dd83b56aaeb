#include "proxy/telemetry/metrics_page.hpp"

#include <prometheus/text_serializer.h>

#include <iterator>

namespace bearward::proxy {

std::string metrics_page::text() const {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& each : sources_) {
        auto more = each->Collect();
        families.insert(families.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return prometheus::TextSerializer{}.Serialize(families);
}

} // namespace bearward::proxy
