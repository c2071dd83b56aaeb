// Keeps the keys of one provider fresh: fetches them when they are due, when a token needs
// others, and again after failures; publishes them to the rings by which tokens are verified.
#pragma once

#include "config/key_source_settings.hpp"
#include "policies/clock.hpp"
#include "policies/tokens/key_ring.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/providers/key_fetch.hpp"
#include "proxy/upstream/attempts.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace bearward::proxy::providers {

/// Of one provider, through all reloads.
struct fetch_counts {
    std::atomic<std::uint64_t> successes{0};
    std::atomic<std::uint64_t> failures{0};
};

/// What /status and the metrics say.
struct key_source_status {
    std::optional<std::chrono::nanoseconds> age; ///< of the keys; nothing: there are none
    std::chrono::nanoseconds next_refresh{};     ///< not negative
    std::string last_error;                      ///< empty: the last fetch did not fail
};

/// run() and stop() belong to the thread of the context; all else is thread-safe.
class key_source {
public:
    /// Waiting requests are no more than this: a flood of tokens with unknown keys holds no more memory.
    static constexpr std::size_t most_waiting = 10'000;

    /// Keys that were kept on disk count from here on, if they are not too old; before them those of
    /// `before`, if that is given: a source of the same keys with other settings.
    /// Throws std::runtime_error when OpenSSL refuses the authorities.
    key_source(asio::io_context& context, deadline_wheel& wheel, upstream::directory& known, config::key_source_settings settings,
               std::shared_ptr<fetch_counts> counts, const key_source* before = nullptr);
    key_source(const key_source&) = delete;
    key_source& operator=(const key_source&) = delete;

    /// Fetches until stop().
    [[nodiscard]] static awaitable<> run(std::shared_ptr<key_source> self);
    /// Ends run(). Who waits is let go.
    void stop();

    /// The ring gets the keys that count now, and all later ones as long as somebody holds it.
    void publish_to(const std::shared_ptr<policies::tokens::key_ring>& ring);
    /// A request needs keys, or others: joins the fetch that is under way, or begins one if none was too
    /// recent. How long it may take; 0: there will be none now. As supplier::begin().
    [[nodiscard]] static std::chrono::milliseconds begin(const std::shared_ptr<key_source>& self, ready_loop& on,
                                                         std::function<void()> over);
    /// Waits until there are keys or the first fetch has failed. Whether there are keys. Not on the
    /// thread of the context.
    [[nodiscard]] bool wait_for_keys(std::chrono::steady_clock::time_point until);
    [[nodiscard]] bool has_keys() const;
    [[nodiscard]] key_source_status status() const;
    /// Constant: a reload that wants the same keeps it.
    [[nodiscard]] const config::key_source_settings& settings() const noexcept { return settings_; }

private:
    using clock = std::chrono::steady_clock;
    struct waiting_request {
        ready_loop* on;
        std::function<void()> over;
    };

    void take_over(const key_source& before);
    void take_kept_keys();
    [[nodiscard]] awaitable<> fetch();
    /// What is done with a fetch's outcome; when the next one is due.
    [[nodiscard]] std::chrono::milliseconds take(std::expected<fetched_keys, std::string>&& outcome);
    [[nodiscard]] std::chrono::milliseconds adopt(fetched_keys&& fetched);
    [[nodiscard]] std::chrono::milliseconds fail(std::string why);
    void keep(std::string_view text, policies::time_point now) const;
    void log_skipped(const policies::jose::key_set& keys);
    /// Keys that are too old count no longer.
    void drop_stale();
    [[nodiscard]] std::chrono::milliseconds until_stale() const;
    void end_fetch(std::chrono::milliseconds next);
    /// With the lock held.
    void publish();
    void mark(policies::time_point outdated_from);
    [[nodiscard]] double chance();

    asio::io_context& context_;
    upstream::attempts under_way_;
    upstream::connect_context with_;
    const config::key_source_settings settings_;
    std::shared_ptr<const tls::client_context> secure_;
    std::shared_ptr<fetch_counts> counts_;
    upstream::sleeper* pause_ = nullptr; ///< between two fetches; null: one is under way
    std::mt19937 random_{std::random_device{}()};
    std::vector<std::string> skipped_; ///< as logged last
    bool failure_logged_ = false;

    mutable std::mutex mutex_; ///< guards what follows
    std::condition_variable first_outcome_;
    std::vector<std::weak_ptr<policies::tokens::key_ring>> rings_;
    policies::tokens::key_set_ptr keys_;
    std::string text_; ///< the set as it came
    policies::time_point outdated_from_ = policies::time_point::min();
    std::optional<clock::time_point> fetched_; ///< when the keys were; nothing: there are none
    std::vector<waiting_request> waiting_;
    bool fetching_ = true; ///< under way, or about to be
    bool tried_ = false;   ///< the first fetch is over
    bool stopped_ = false;
    unsigned failures_ = 0;          ///< in a row
    clock::time_point begun_{};      ///< when the last fetch was
    clock::time_point not_before_{}; ///< no fetch that a request causes
    clock::time_point next_{};
    std::string last_error_;
};

} // namespace bearward::proxy::providers
