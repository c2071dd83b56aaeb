// The general log (start-up, errors, state changes), through spdlog's default
// logger: spdlog::info("...") and the like from any thread. Never pass a token or
// a secret.
#pragma once

#include "config/configuration.hpp"
#include "config/settings.hpp"

#include <spdlog/sinks/sink.h>

#include <memory>
#include <string>

namespace bearward::proxy {

/// Makes spdlog's default logger write as the settings say: lines of
/// {"time","level","message"}, `TIME level message` for text, or OpenTelemetry's names. Throws
/// std::runtime_error when the output can't be opened. Call before threads start.
void set_up_log(const config::log_settings& settings);

/// Makes spdlog's default logger write every line to stderr in this format: before
/// set_up_log, and for what ends a start. Throws nothing.
void set_up_start_log(config::log_format format);

/// A problem of the configuration, with its severity.
void log_diagnostic(const config::diagnostic& problem);

/// Reopens the general log's file (SIGUSR1). Thread-safe; a failure is logged.
void reopen_log();

/// A sink on the shared output of this name that buffers whole lines until
/// flush() or 64 KiB. Throws std::runtime_error when it can't be opened.
[[nodiscard]] std::shared_ptr<spdlog::sinks::sink> make_log_sink(const std::string& output);

} // namespace bearward::proxy
