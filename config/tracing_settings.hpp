// Which requests are traced, and who gets the spans: as the user wrote it and as serving needs it.
#pragma once

#include "config/place.hpp"
#include "config/url.hpp"

#include <string>

namespace bearward::config {

struct tracing_settings {
    located<url> endpoint;     ///< takes OTLP over HTTP, as JSON
    double sample_ratio = 0.1; ///< of the traces that begin here
    std::string service_name = "bearward";
};

} // namespace bearward::config
