#include "proxy/telemetry/log.hpp"

#include "policies/text.hpp"
#include "policies/word_table.hpp"
#include "proxy/telemetry/log_line.hpp"
#include "proxy/telemetry/log_losses.hpp"
#include "proxy/telemetry/log_output.hpp"
#include "proxy/telemetry/otel_severity.hpp"

#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <string_view>
#include <utility>

namespace bearward::proxy {
namespace {

constexpr std::size_t buffer_size = std::size_t{64} * 1024;
// How long the access log's thread waits for an output that takes nothing; its queue
// holds what comes meanwhile. Other threads serve clients and never wait.
constexpr std::chrono::milliseconds writing_patience{500};

class output_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    /// `patience`: of each flush, for an output that takes nothing.
    explicit output_sink(std::shared_ptr<log_output> output, std::chrono::milliseconds patience = {})
        : output_(std::move(output)), patience_(patience) {}
    ~output_sink() override { flush_(); }
    output_sink(const output_sink&) = delete;
    output_sink& operator=(const output_sink&) = delete;

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (patience_ == patience_.zero() && output_->works() && log_losses().unsaid()) {
            if (const std::string lost = log_losses().take_unsaid(); !lost.empty()) { // others say it too
                formatter_->format({message.time, {}, message.logger_name, spdlog::level::warn, lost}, lines_);
            }
        }
        formatter_->format(message, lines_);
        if (lines_.size() >= buffer_size) {
            flush_();
        }
    }

    void flush_() override {
        if (lines_.size() != 0) {
            output_->write({lines_.data(), lines_.size()}, patience_);
            lines_.clear();
        }
    }

private:
    std::shared_ptr<log_output> output_;
    std::chrono::milliseconds patience_;
    spdlog::memory_buf_t lines_;
};

struct level_row {
    config::log_level value;
    spdlog::level::level_enum spdlog;
};

constexpr auto level_table = std::to_array<level_row>({
    {config::log_level::trace, spdlog::level::trace},
    {config::log_level::debug, spdlog::level::debug},
    {config::log_level::info, spdlog::level::info},
    {config::log_level::warn, spdlog::level::warn},
    {config::log_level::error, spdlog::level::err},
});
static_assert(policies::is_table(level_table));

config::log_level level_of(spdlog::level::level_enum level) noexcept {
    const auto* const found = std::ranges::find(level_table, level, &level_row::spdlog);
    return found == level_table.end() ? config::log_level::error : found->value;
}

class line_formatter final : public spdlog::formatter {
public:
    explicit line_formatter(config::log_format format) : format_(format) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& destination) override {
        const std::string_view said(message.payload.data(), message.payload.size());
        std::string masked;
        if (policies::holds_token(said)) { // what a client or an issuer chose may be quoted
            policies::append_masked(masked, said);
        }
        line_.clear();
        append_line(message.time, level_of(message.level), masked.empty() ? said : masked);
        line_ += '\n';
        destination.append(line_.data(), line_.data() + line_.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<line_formatter>(format_); }

private:
    void append_line(std::chrono::system_clock::time_point time, config::log_level level, std::string_view text) {
        const std::string_view word = policies::word_of(config::log_level_table, level);
        switch (format_) {
        case config::log_format::json:
            line_ += R"({"time":")";
            append_time(line_, time);
            line_.append(R"(","level":")").append(word).append(R"(","message":)");
            append_json_string(line_, text);
            line_ += '}';
            break;
        case config::log_format::otel:
            append_otel_start(line_, time, level);
            line_ += R"(,"body":)";
            append_json_string(line_, text);
            line_ += '}';
            break;
        case config::log_format::text:
            append_time(line_, time);
            line_.append(" ").append(word).append(" ");
            // The message's own words, but nothing that could forge a line.
            std::string quoted;
            append_json_string(quoted, text);
            line_.append(quoted, 1, quoted.size() - 2);
            break;
        }
    }

    config::log_format format_;
    std::string line_; // one formatter serves one sink, under its lock
};

void make_default_logger(std::shared_ptr<log_output> output, config::log_format format, spdlog::level::level_enum level) {
    auto sink = std::make_shared<output_sink>(std::move(output));
    sink->set_formatter(std::make_unique<line_formatter>(format));
    auto logger = std::make_shared<spdlog::logger>("bearward", std::move(sink));
    logger->set_level(level);
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
}

std::mutex general_mutex;
std::shared_ptr<log_output> general_output;

} // namespace

std::shared_ptr<spdlog::sinks::sink> make_log_sink(const std::string& output) {
    return std::make_shared<output_sink>(log_output::open(output), writing_patience);
}

void set_up_start_log(config::log_format format) {
    make_default_logger(log_output::open("stderr"), format, spdlog::level::trace);
}

void log_diagnostic(const config::diagnostic& problem) {
    using kind = config::diagnostic::kind;
    const auto level = problem.severity == kind::error     ? spdlog::level::err
                       : problem.severity == kind::warning ? spdlog::level::warn
                                                           : spdlog::level::info;
    spdlog::log(level, "{}", to_string(problem));
}

void set_up_log(const config::log_settings& settings) {
    auto output = log_output::open(settings.output);
    make_default_logger(output, settings.format, policies::row_of(level_table, settings.level).spdlog);
    const std::scoped_lock lock(general_mutex);
    general_output = std::move(output);
}

void reopen_log() {
    std::shared_ptr<log_output> output;
    {
        const std::scoped_lock lock(general_mutex);
        output = general_output;
    }
    if (output && !output->reopen()) {
        spdlog::error("the log file can't be reopened; the old one stays in use");
    }
}

} // namespace bearward::proxy
