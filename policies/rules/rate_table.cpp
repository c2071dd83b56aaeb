#include "policies/rules/rate_table.hpp"

#include <algorithm>
#include <span>

namespace bearward::policies::rules {

rate_outcome rate_table::take(const rate_limit& of, std::string_view key, time_point now, bool counts) {
    const std::uint64_t hash = tokens::keyed_hash(key_, key);
    shard& home = shards_[hash % shards];
    const rate_time time = std::chrono::nanoseconds(now.time_since_epoch()).count();
    const std::lock_guard lock(home.mutex);
    if (home.slots.empty()) {
        home.slots.resize(buckets * ways);
    }
    const std::span<slot> bucket(home.slots.data() + (hash / shards) % buckets * ways, ways);
    auto found = std::ranges::find(bucket, hash, &slot::key);
    if (found == bucket.end()) {
        found = std::ranges::min_element(bucket, {}, &slot::paid); // paid for longest, or the least in debt
        *found = {hash, 0};
    }
    return rules::take(of, found->paid, time, counts);
}

} // namespace bearward::policies::rules
