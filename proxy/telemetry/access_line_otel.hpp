// An access record as a log record of OpenTelemetry (proxy/BEHAVIOUR.md 15.22). Pure.
#pragma once

#include "proxy/telemetry/access_record.hpp"

#include <string>

namespace bearward::proxy {

/// Appends the line, without a newline: the fields of the log data model under the names
/// that it has outside OTLP, attributes under those of the semantic conventions for HTTP,
/// others under `bearward.`. What is not known is left out. `identity` false: no user and tenant.
void append_otel_line(std::string& out, const access_record& record, bool identity);

} // namespace bearward::proxy
