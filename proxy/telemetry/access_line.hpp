// An access record as a line of the log (proxy/BEHAVIOUR.md 15). Pure.
#pragma once

#include "config/settings.hpp"
#include "proxy/telemetry/access_record.hpp"

#include <string>

namespace bearward::proxy {

struct access_line_style {
    config::log_format format = config::log_format::json;
    bool identity = true; ///< false: no user and tenant
};

/// Appends the line, without a newline. `json` has every field always; what is not
/// known is null, and in `otel` left out. Nothing in it is longer than a few KiB but the path.
void append_access_line(std::string& out, const access_record& record, const access_line_style& style);

} // namespace bearward::proxy
