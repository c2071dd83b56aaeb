// How many requests of one kind are let through: the generic cell rate algorithm (ITU-T
// I.371, GCRA), a leaky bucket that is one number for each key. Pure arithmetic.
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::policies::rules {

/// Whose requests are counted together.
enum class rate_subject : std::uint8_t { user, tenant, address };

inline constexpr auto rate_subject_table = std::to_array<word_row<rate_subject>>({
    {rate_subject::user, "user"},
    {rate_subject::tenant, "tenant"},
    {rate_subject::address, "address"},
});
static_assert(is_word_table(rate_subject_table));

struct rate_limit {
    rate_subject per = rate_subject::user;
    std::uint64_t count = 1;                 ///< requests in `period`; at least 1
    std::chrono::milliseconds period{1'000}; ///< more than 0
    std::uint64_t burst = 1;                 ///< at once, after a pause; at least 1

    /// Between two requests of a steady flow.
    [[nodiscard]] constexpr std::chrono::nanoseconds interval() const noexcept {
        return std::chrono::nanoseconds(period) / static_cast<std::int64_t>(count);
    }
    /// In which a whole burst comes back.
    [[nodiscard]] constexpr std::chrono::nanoseconds window() const noexcept { return interval() * static_cast<std::int64_t>(burst); }

    friend bool operator==(const rate_limit&, const rate_limit&) = default;
};

/// What is left of a limit for one key.
struct rate_outcome {
    bool allowed = true;
    std::uint64_t left = 0;             ///< requests that would be let through now
    std::chrono::seconds until_full{};  ///< rounded up: until all of the burst is back
    std::chrono::seconds retry_after{}; ///< rounded up: until one is; 0 when there is one
};

/// Nanoseconds of Unix time: when the key's past requests are paid for. What lies in the
/// past is as good as 0, so that such an entry may be forgotten.
using rate_time = std::int64_t;

/// Takes one request at `now`, unless `counts` is false: then it only looks. A `paid` further away than
/// a window was written by a clock that has been set back since, and counts as one window.
[[nodiscard]] rate_outcome take(const rate_limit& of, rate_time& paid, rate_time now, bool counts = true) noexcept;

/// What follows from a route and its limit alone, made once.
struct rate_texts {
    std::string policy; ///< RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-09 section 3)
    std::string left;   ///< how RateLimit begins (section 4 of the same)
    std::string key;    ///< with what the keys begin under which its requests are counted
};

[[nodiscard]] rate_texts make_rate_texts(const rate_limit& of, std::string_view route);

/// What a limited request came to.
struct rate_report {
    const rate_texts* limit = nullptr; ///< of the route; null: it has none
    rate_outcome outcome{};
    bool known = false; ///< `outcome` is: the request got so far that it was counted
};

/// Appends the field RateLimit.
void append_rate_field(const rate_texts& of, const rate_outcome& outcome, std::string& out);

} // namespace bearward::policies::rules
