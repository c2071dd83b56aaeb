// The key sources of the configuration in force: started, kept through reloads, stopped;
// and the supplier that decisions wait for.
#pragma once

#include "config/configuration.hpp"
#include "proxy/providers/key_source.hpp"
#include "proxy/supplier.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::providers {

/// Of a provider that was ever fetched for.
struct fetch_totals {
    std::string provider;
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
};

/// Thread-safe but for what says otherwise.
class key_sources final : public supplier {
public:
    /// Fetches run on the thread of `context`.
    key_sources(asio::io_context& context, upstream::directory& known);
    key_sources(const key_sources&) = delete;
    key_sources& operator=(const key_sources&) = delete;

    /// Sources that are made for a configuration. One that isn't adopted ends with this.
    class plan {
    public:
        plan() = default;
        plan(plan&&) = default;
        plan& operator=(plan&&) = delete;
        ~plan();

    private:
        friend class key_sources;
        std::vector<std::shared_ptr<key_source>> all;
        std::vector<std::shared_ptr<key_source>> added;
        asio::io_context* context = nullptr;
    };

    /// The sources of these rules: those at hand that are the same, and new ones, which begin to fetch.
    /// Their keys go to the rules' rings. Throws std::runtime_error when OpenSSL refuses authorities.
    [[nodiscard]] plan prepare(const config::configuration& settings);
    /// Waits for the first keys of the new ones. Empty, or why one has none. Not on the thread of the context.
    [[nodiscard]] std::string wait_for_keys(const plan& made, std::chrono::milliseconds at_most) const;
    /// These count from now on; others end.
    void adopt(plan made);
    /// Ends all. On the thread of the context.
    void stop();

    /// Needs of keys are served for rules that were prepared.
    [[nodiscard]] std::chrono::milliseconds begin(const policies::need& what, ready_loop& on, std::function<void()> over) override;

    /// Of the source of this provider; nothing: its keys aren't fetched.
    [[nodiscard]] std::optional<key_source_status> status_of(std::string_view provider) const;
    /// Which provider has no keys, and why; nothing: each has.
    [[nodiscard]] std::optional<std::string> find_missing() const;
    [[nodiscard]] std::vector<fetch_totals> totals() const;

private:
    struct ring_source {
        std::weak_ptr<policies::tokens::key_ring> ring;
        std::weak_ptr<key_source> source;
    };
    [[nodiscard]] std::shared_ptr<key_source> find_source(const policies::tokens::key_ring& ring) const;
    [[nodiscard]] std::shared_ptr<key_source> find_same(const config::key_source_settings& wanted) const;
    [[nodiscard]] std::shared_ptr<key_source> find_before(const config::key_source_settings& wanted) const;

    asio::io_context& context_;
    upstream::directory& known_;
    deadline_wheel wheel_;
    mutable std::mutex mutex_; ///< guards what follows
    std::vector<std::shared_ptr<key_source>> sources_;
    std::vector<ring_source> rings_;
    std::map<std::string, std::shared_ptr<fetch_counts>> counts_; ///< by provider; only grows
};

} // namespace bearward::proxy::providers
