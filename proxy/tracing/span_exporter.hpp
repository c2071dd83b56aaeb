// Sends the spans of all workers to a collector, in batches, on the control thread (proxy/BEHAVIOUR.md 34).
// What can't be sent in time stays in the queues, and is dropped there when they are full.
#pragma once

#include "config/configuration.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/providers/http_client.hpp"
#include "proxy/telemetry/span_queues.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace bearward::proxy::tracing {

/// What became of spans.
struct span_totals {
    std::uint64_t exported = 0;
    std::uint64_t dropped = 0; ///< no room in a queue
    std::uint64_t failed = 0;  ///< the collector did not take them
};

/// A collector, and what is said to it. Immutable.
struct span_target {
    config::tracing_settings settings;
    std::shared_ptr<const tls::client_context> secure; ///< null for http
};
using span_target_ptr = std::shared_ptr<const span_target>;

class span_exporter {
public:
    static constexpr std::size_t most_spans = 512;                      ///< of a batch
    static constexpr std::size_t most_bytes = std::size_t{1024} * 1024; ///< about, of a batch
    static constexpr std::chrono::milliseconds interval{1'000};         ///< from the first span of a batch to its end
    static constexpr std::chrono::milliseconds timeout{10'000};         ///< of a batch

    /// Sends on the thread of `context`.
    span_exporter(asio::io_context& context, upstream::directory& known, span_queues& from);
    span_exporter(const span_exporter&) = delete;
    span_exporter& operator=(const span_exporter&) = delete;

    /// Null: nothing is traced. Throws std::runtime_error when OpenSSL refuses.
    [[nodiscard]] static span_target_ptr prepare(const config::configuration& settings);
    /// From now on batches go there; null: what is left goes where it went before.
    void adopt(span_target_ptr to);
    /// Sends what is left and waits for it, at most so long. On no thread of the service's.
    void finish(std::chrono::milliseconds patience);
    /// On the thread of the context.
    void stop();

    /// Nothing: there never was a collector. Thread-safe.
    [[nodiscard]] std::optional<span_totals> totals() const;

private:
    struct batch {
        std::string body;
        std::size_t spans = 0;
        bool full = false;
    };

    [[nodiscard]] span_target_ptr target() const;
    [[nodiscard]] awaitable<> run();
    /// Until something wakes it, at most so long; nothing: however long it takes.
    [[nodiscard]] awaitable<> rest(std::optional<std::chrono::milliseconds> at_most);
    [[nodiscard]] batch take_batch(const span_target& to);
    [[nodiscard]] awaitable<> send(const span_target& to, batch what);
    void take_answer(const span_target& to, std::size_t spans, const std::expected<providers::http_answer, std::string>& answer);
    void wake();

    asio::io_context& context_;
    deadline_wheel wheel_;
    upstream::attempts under_way_;
    upstream::connect_context with_;
    span_queues& from_;

    // of the thread of the context
    upstream::sleeper* pause_ = nullptr; ///< null: it does not rest
    bool woken_ = false;
    bool failed_ = false;            ///< as logged
    std::function<void()> finished_; ///< asked for the end: called once nothing is left

    std::atomic<std::uint64_t> exported_{0};
    std::atomic<std::uint64_t> failures_{0};
    mutable std::mutex mutex_; ///< guards what follows
    span_target_ptr to_;       ///< null: there never was one
};

} // namespace bearward::proxy::tracing
