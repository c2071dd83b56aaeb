#include "proxy/telemetry/access_log.hpp"

#include "policies/reason_table.hpp"
#include "proxy/telemetry/access_line.hpp"
#include "proxy/telemetry/log.hpp"
#include "proxy/telemetry/log_losses.hpp"
#include "proxy/telemetry/log_output.hpp"
#include "proxy/telemetry/record_ring.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

namespace bearward::proxy {
namespace {

using ring = record_ring<access_record>;
using policies::reason;

// At the end, for an output that takes nothing: an orchestrator waits for the process.
constexpr std::chrono::milliseconds last_patience{500};
constexpr std::size_t ring_capacity = 4'096; // records a writing thread
// While requests come, lines are written in batches this far apart: short enough
// for somebody who watches, long enough that no writer has to wake the thread.
constexpr std::chrono::milliseconds batch_interval{20};
constexpr std::chrono::seconds report_interval{1};
constexpr std::size_t kept_capacity = 512; // bytes of a string that a slot keeps

std::atomic<std::uint64_t> next_log_id{1};

/// The ring of this thread for the log that it last wrote to. Logs are told apart
/// by number: an address may be used again.
struct thread_ring {
    std::uint64_t log_id = 0;
    ring* queue = nullptr;
};
thread_local thread_ring this_thread_ring;

bool is_forwarded(reason why) noexcept {
    return policies::class_of(why) == policies::reason_class::forwarded;
}

} // namespace

struct access_log::state {
    explicit state(const config::log_settings& settings)
        : mode(settings.access), style{.format = settings.format, .identity = settings.identity}, id(next_log_id.fetch_add(1)) {
        if (mode != config::access_log_mode::off) {
            output = log_output::open(settings.output);
            auto sink = make_log_sink(settings.output);
            logger = std::make_shared<spdlog::logger>("access", std::move(sink));
            logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
            logger->set_level(spdlog::level::info);
        }
    }

    ring& ring_of_this_thread() {
        if (this_thread_ring.log_id != id) {
            const std::scoped_lock lock(mutex);
            const auto same = [](const auto& known) { return known.first == std::this_thread::get_id(); };
            auto found = std::ranges::find_if(rings, same);
            if (found == rings.end()) {
                rings.emplace_back(std::this_thread::get_id(), std::make_unique<ring>(ring_capacity));
                found = std::prev(rings.end());
            }
            this_thread_ring = {.log_id = id, .queue = found->second.get()};
        }
        return *this_thread_ring.queue;
    }

    void wake() {
        const std::scoped_lock lock(mutex);
        woken = true;
        changed.notify_one();
    }

    /// Formats one record and leaves its strings for the next one.
    void write_line(access_record& record) {
        line.clear();
        append_access_line(line, record, style);
        logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
        for (std::string* text : record.texts()) {
            if (text->capacity() > kept_capacity) {
                *text = std::string();
            }
        }
    }

    std::size_t drain() {
        std::size_t known = 0;
        std::size_t count = 0;
        for (;; ++known) {
            ring* queue = nullptr;
            {
                const std::scoped_lock lock(mutex);
                if (known >= rings.size()) {
                    break;
                }
                queue = rings[known].second.get();
            }
            count += queue->drain([this](access_record& record) { write_line(record); });
        }
        logger->flush();
        return count;
    }

    /// Says what was lost, once the output takes lines again.
    void report_lost() const {
        if (output->works()) {
            if (const std::string lost = log_losses().take_unsaid(); !lost.empty()) {
                spdlog::warn("{}", lost);
            }
        }
    }

    void run() {
        std::chrono::steady_clock::time_point next_report{};
        for (;;) {
            const std::size_t count = drain();
            const auto now = std::chrono::steady_clock::now();
            if (now >= next_report) {
                if (!output->works()) {
                    output->write({}, std::chrono::milliseconds{0}); // what it did not take before
                }
                report_lost();
                next_report = now + report_interval;
            }
            if (count == 0) {
                // Says that it sleeps, then looks once more; writers push first and
                // look then: one of the two sees the other.
                asleep.store(true, std::memory_order_seq_cst);
                if (drain() != 0) {
                    asleep.store(false, std::memory_order_seq_cst);
                }
            }
            std::unique_lock lock(mutex);
            const bool sleeps = asleep.load(std::memory_order_seq_cst);
            if (sleeps && output->works() && !log_losses().unsaid()) {
                changed.wait(lock, [this] { return woken || stopping; });
            } else {
                changed.wait_for(lock, sleeps ? report_interval : batch_interval, [this] { return woken || stopping; });
            }
            asleep.store(false, std::memory_order_seq_cst);
            woken = false;
            if (stopping) {
                break;
            }
        }
        drain();
        report_lost();
    }

    config::access_log_mode mode;
    access_line_style style;
    std::uint64_t id;
    std::shared_ptr<log_output> output;
    std::shared_ptr<spdlog::logger> logger;

    std::atomic<bool> asleep{false};
    std::string line; // of the writing thread

    std::mutex mutex; // of what follows
    std::condition_variable changed;
    std::vector<std::pair<std::thread::id, std::unique_ptr<ring>>> rings;
    bool woken = false;
    bool stopping = false;
    std::thread writer;
};

access_log::access_log(const config::log_settings& settings) : state_(std::make_unique<state>(settings)) {
    if (state_->logger) {
        state_->writer = std::thread([this] { state_->run(); });
    }
}

access_log::~access_log() {
    if (state_->writer.joinable()) {
        {
            const std::scoped_lock lock(state_->mutex);
            state_->stopping = true;
        }
        state_->output->limit_patience(std::chrono::steady_clock::now() + last_patience); // for all that is queued together
        state_->changed.notify_one();
        state_->writer.join();
    }
}

bool access_log::wants(reason why) const noexcept {
    switch (state_->mode) {
    case config::access_log_mode::on:
        return true;
    case config::access_log_mode::rejects:
        return !is_forwarded(why);
    case config::access_log_mode::off:
        break;
    }
    return false;
}

void access_log::write(access_record&& record) {
    if (!state_->logger) {
        return;
    }
    const auto pushed = state_->ring_of_this_thread().push(record);
    if (pushed == ring::pushed::no) {
        log_losses().add(log_loss::queue_full, 1);
    }
    // What was swapped out of a ring is an older request's: nothing of it may be read
    // again, but its strings keep their memory for the caller's next record.
    record.clear();
    const bool sleeps = state_->asleep.load(std::memory_order_seq_cst) && state_->asleep.exchange(false, std::memory_order_seq_cst);
    if (sleeps || pushed == ring::pushed::half_full) {
        state_->wake();
    }
}

void access_log::reopen() {
    if (state_->output && !state_->output->reopen()) {
        spdlog::error("the access log's file can't be reopened; the old one stays in use");
    }
}

} // namespace bearward::proxy
