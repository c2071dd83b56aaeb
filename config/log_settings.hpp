// The logs as the user wants them: plain values, as in settings.hpp.
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace bearward::config {

enum class log_level : std::uint8_t { trace, debug, info, warn, error };

/// The words of the configuration and of log lines.
inline constexpr auto log_level_table = std::to_array<policies::word_row<log_level>>({
    {log_level::trace, "trace"},
    {log_level::debug, "debug"},
    {log_level::info, "info"},
    {log_level::warn, "warn"},
    {log_level::error, "error"},
});
static_assert(policies::is_word_table(log_level_table));

/// otel: JSON in the shape of OpenTelemetry's log data model, with its attributes' names.
enum class log_format : std::uint8_t { json, text, otel };

inline constexpr auto log_format_table = std::to_array<policies::word_row<log_format>>({
    {log_format::json, "json"},
    {log_format::text, "text"},
    {log_format::otel, "otel"},
});
static_assert(policies::is_word_table(log_format_table));

enum class access_log_mode : std::uint8_t { on, off, rejects };

struct log_settings {
    log_level level = log_level::info;
    log_format format = log_format::json;
    access_log_mode access = access_log_mode::on;
    bool identity = true;
    std::string output = "stderr"; ///< stderr, stdout or a path

    friend bool operator==(const log_settings&, const log_settings&) = default;
};

} // namespace bearward::config
