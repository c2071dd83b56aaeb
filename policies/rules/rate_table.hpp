// The state of all rate limits of a process, by key, in memory that does not grow with
// the number of keys: what was paid for is forgotten, and under a flood of keys those go
// first that have used least.
#pragma once

#include "policies/clock.hpp"
#include "policies/rules/rate_limit.hpp"
#include "policies/tokens/keyed_hash.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace bearward::policies::rules {

/// Thread-safe: shared by all workers. A key takes a lock of its shard for some tens of nanoseconds.
class rate_table {
public:
    static constexpr std::size_t max_keys = std::size_t{1} << 18;

    /// `key`: 128 random bits, so that nobody can choose keys that push out another's.
    explicit rate_table(const tokens::hash_key& key) : key_(key) {}
    rate_table(const rate_table&) = delete;
    rate_table& operator=(const rate_table&) = delete;

    /// As rules::take for the key, which has the limit's own name in it.
    [[nodiscard]] rate_outcome take(const rate_limit& of, std::string_view key, time_point now, bool counts = true);
    /// Bytes, of the whole table once each shard is in use.
    [[nodiscard]] static constexpr std::size_t memory() noexcept { return max_keys * sizeof(slot); }

private:
    /// A key is its hash: 64 bits of a keyed hash, so that two keys share one by chance alone.
    struct slot {
        std::uint64_t key = 0;
        rate_time paid = 0;
    };
    static constexpr std::size_t shards = 64;
    static constexpr std::size_t ways = 8; ///< slots where a key may be
    static constexpr std::size_t buckets = max_keys / shards / ways;
    struct alignas(64) shard {
        std::mutex mutex;
        std::vector<slot> slots; ///< made when the shard is first used
    };

    tokens::hash_key key_;
    std::array<shard, shards> shards_;
};

} // namespace bearward::policies::rules
