#include "proxy/control/log.hpp"

#include "proxy/control/log_line.hpp"
#include "proxy/control/log_output.hpp"

#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <string_view>
#include <utility>

namespace bearward::proxy {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;

class output_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit output_sink(std::shared_ptr<log_output> output) : output_(std::move(output)) {}
    ~output_sink() override { flush_(); }
    output_sink(const output_sink&) = delete;
    output_sink& operator=(const output_sink&) = delete;

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        formatter_->format(message, lines_);
        if (lines_.size() >= buffer_size) {
            flush_();
        }
    }

    void flush_() override {
        if (lines_.size() != 0) {
            output_->write({lines_.data(), lines_.size()});
            lines_.clear();
        }
    }

private:
    std::shared_ptr<log_output> output_;
    spdlog::memory_buf_t lines_;
};

std::string_view level_word(spdlog::level::level_enum level) noexcept {
    switch (level) {
    case spdlog::level::trace:
        return "trace";
    case spdlog::level::debug:
        return "debug";
    case spdlog::level::info:
        return "info";
    case spdlog::level::warn:
        return "warn";
    default:
        return "error";
    }
}

class line_formatter final : public spdlog::formatter {
public:
    explicit line_formatter(config::log_format format) : format_(format) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& destination) override {
        const std::string_view text(message.payload.data(), message.payload.size());
        line_.clear();
        if (format_ == config::log_format::json) {
            line_ += R"({"time":")";
            append_time(line_, message.time);
            line_ += R"(","level":")";
            line_ += level_word(message.level);
            line_ += R"(","message":)";
            append_json_string(line_, text);
            line_ += "}\n";
        } else {
            append_time(line_, message.time);
            line_ += ' ';
            line_ += level_word(message.level);
            line_ += ' ';
            // The message's own words, but nothing that could forge a line.
            std::string quoted;
            append_json_string(quoted, text);
            line_.append(quoted, 1, quoted.size() - 2);
            line_ += '\n';
        }
        destination.append(line_.data(), line_.data() + line_.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<line_formatter>(format_); }

private:
    config::log_format format_;
    std::string line_; // one formatter serves one sink, under its lock
};

spdlog::level::level_enum spdlog_level(config::log_level level) noexcept {
    switch (level) {
    case config::log_level::trace:
        return spdlog::level::trace;
    case config::log_level::debug:
        return spdlog::level::debug;
    case config::log_level::info:
        return spdlog::level::info;
    case config::log_level::warn:
        return spdlog::level::warn;
    case config::log_level::error:
        break;
    }
    return spdlog::level::err;
}

std::mutex general_mutex;
std::shared_ptr<log_output> general_output;

} // namespace

std::shared_ptr<spdlog::sinks::sink> make_log_sink(const std::string& output) {
    return std::make_shared<output_sink>(log_output::open(output));
}

void set_up_log(const config::log_settings& settings) {
    auto output = log_output::open(settings.output);
    auto sink = std::make_shared<output_sink>(output);
    sink->set_formatter(std::make_unique<line_formatter>(settings.format));
    auto logger = std::make_shared<spdlog::logger>("bearward", std::move(sink));
    logger->set_level(spdlog_level(settings.level));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
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
