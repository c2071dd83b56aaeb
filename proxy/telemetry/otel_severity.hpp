// How a line of `log.format: otel` begins: when it was, and how severe.
#pragma once

#include "config/log_settings.hpp"
#include "policies/word_table.hpp"
#include "proxy/telemetry/log_line.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// The names and numbers of OpenTelemetry's log data model.
struct otel_severity_row {
    config::log_level value;
    std::string_view text;
    unsigned number;
};

inline constexpr auto otel_severity_table = std::to_array<otel_severity_row>({
    {config::log_level::trace, "TRACE", 1},
    {config::log_level::debug, "DEBUG", 5},
    {config::log_level::info, "INFO", 9},
    {config::log_level::warn, "WARN", 13},
    {config::log_level::error, "ERROR", 17},
});
static_assert(policies::is_table(otel_severity_table));

/// Appends `{"timestamp":...,"severity_text":...,"severity_number":...`, an object that goes on.
inline void append_otel_start(std::string& out, std::chrono::system_clock::time_point time, config::log_level level) {
    const otel_severity_row& severity = policies::row_of(otel_severity_table, level);
    out += R"({"timestamp":")";
    append_time(out, time);
    out.append(R"(","severity_text":")").append(severity.text);
    out.append(R"(","severity_number":)").append(std::to_string(severity.number));
}

} // namespace bearward::proxy
