// Spans as the body of an OTLP request over HTTP in JSON (OpenTelemetry protocol 1.x, with the names of
// its semantic conventions for HTTP servers). Pure.
#pragma once

#include "proxy/telemetry/span_record.hpp"

#include <string>
#include <string_view>

namespace bearward::proxy {

/// What stands before the spans, which are separated by commas.
void begin_spans(std::string& out, std::string_view service_name);
void append_span(std::string& out, const span_record& span);
/// And behind them.
void end_spans(std::string& out);

} // namespace bearward::proxy
