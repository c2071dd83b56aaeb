// What an introspection endpoint said of tokens, for as long as that counts. Shared by the
// workers of one generation of the rules and whoever asks the endpoint.
#pragma once

#include "policies/clock.hpp"
#include "policies/tokens/bounded_table.hpp"
#include "policies/tokens/introspection.hpp"
#include "policies/tokens/keyed_hash.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies::tokens {

/// An answer and the time in which it counts.
struct introspection_answer {
    introspected outcome;
    time_point asked; ///< never before this: the clock was set back
    time_point until; ///< no longer than that: not beyond `exp`

    [[nodiscard]] bool counts(time_point now) const noexcept { return asked <= now && now < until; }
};

using introspection_answer_ptr = std::shared_ptr<const introspection_answer>;

/// The memory that an answer takes, in bytes.
[[nodiscard]] std::size_t footprint(const introspection_answer_ptr& answer) noexcept;

/// Answers about tokens in a bounded memory: those about active tokens, and in a sixteenth of
/// it the others, so that no flood of invented tokens can push out the genuine. Not thread-safe.
class introspection_table {
public:
    introspection_table(std::size_t max_bytes, const hash_key& key)
        : good_(max_bytes - max_bytes / bad_share, key), bad_(max_bytes / bad_share, key) {}

    /// What is known of the token, whether it counts or not; null: nothing. Allocates nothing.
    [[nodiscard]] const introspection_answer_ptr* find(std::string_view token) noexcept;
    /// Replaces what was known of the token.
    void insert(std::string_view token, introspection_answer_ptr answer);
    void forget(std::string_view token) noexcept;

    [[nodiscard]] std::size_t bytes() const noexcept { return good_.bytes() + bad_.bytes(); }
    [[nodiscard]] std::size_t size() const noexcept { return good_.size() + bad_.size(); }

private:
    static constexpr std::size_t bad_share = 16;

    bounded_table<introspection_answer_ptr> good_;
    bounded_table<introspection_answer_ptr> bad_;
};

struct introspection_limits {
    std::chrono::milliseconds ttl{30'000};         ///< of an active token
    std::chrono::milliseconds negative_ttl{5'000}; ///< of any other one
    std::size_t max_bytes = std::size_t{32} * 1024 * 1024;
};

/// Thread-safe.
class introspection_answers {
public:
    /// Even where less is to be remembered there is room for what requests wait for.
    static constexpr std::size_t least_bytes = std::size_t{1024} * 1024;

    /// Half of the memory is for the workers, who keep what they look up.
    introspection_answers(const introspection_limits& limits, const hash_key& key)
        : limits_(limits), table_(std::max(limits.max_bytes / 2, least_bytes), key) {}
    introspection_answers(const introspection_answers&) = delete;
    introspection_answers& operator=(const introspection_answers&) = delete;

    [[nodiscard]] const introspection_limits& limits() const noexcept { return limits_; }

    /// The answer that counts; null: the endpoint has to be asked.
    [[nodiscard]] introspection_answer_ptr find(std::string_view token, time_point now);
    /// For a request that waited until the endpoint was asked: also an answer that is not to be
    /// remembered, if it is no older than `at_most`.
    [[nodiscard]] introspection_answer_ptr find_for_who_waited(std::string_view token, time_point now, std::chrono::milliseconds at_most);
    /// The endpoint answered a question of that time.
    void insert(std::string_view token, introspected outcome, time_point asked);
    /// It did not: what was known of the token counts no longer. `why`: a sentence.
    void fail(std::string_view token, std::string why);
    /// Why it did not answer the last question; empty: it did, or was never asked.
    [[nodiscard]] std::string last_failure() const;

private:
    introspection_limits limits_;
    mutable std::mutex mutex_; ///< guards what follows
    introspection_table table_;
    std::string last_failure_;
};

} // namespace bearward::policies::tokens
