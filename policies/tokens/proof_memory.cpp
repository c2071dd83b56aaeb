#include "policies/tokens/proof_memory.hpp"

#include "policies/jose/sha256.hpp"

#include <algorithm>
#include <string>

namespace bearward::policies::tokens {

void proof_memory::forget_old(shard& of, time_point now) {
    while (!of.by_age.empty() && of.by_age.begin()->first < now) {
        of.known.erase(of.by_age.begin()->second);
        of.by_age.erase(of.by_age.begin());
        size_.fetch_sub(1, std::memory_order_relaxed);
    }
}

bool proof_memory::take_place() noexcept {
    if (size_.fetch_add(1, std::memory_order_relaxed) < capacity_) {
        return true;
    }
    size_.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

proof_memory::name proof_memory::name_of(std::string_view key, std::string_view id) {
    const std::string hash = jose::sha256_text(std::string(key).append(1, '\0').append(id));
    name made{};
    std::ranges::copy(hash, made.begin());
    return made;
}

void proof_memory::give_back(std::string_view key, std::string_view id) {
    const name mine = name_of(key, id);
    shard& of = shards_[static_cast<unsigned char>(mine.front()) % shards_.size()];
    const std::scoped_lock lock(of.mutex);
    if (const auto found = of.known.find(mine); found != of.known.end()) {
        of.by_age.erase({found->second, mine});
        of.known.erase(found);
        size_.fetch_sub(1, std::memory_order_relaxed);
    }
}

bool proof_memory::contains(std::string_view key, std::string_view id, time_point now) {
    const name mine = name_of(key, id);
    shard& of = shards_[static_cast<unsigned char>(mine.front()) % shards_.size()];
    const std::scoped_lock lock(of.mutex);
    forget_old(of, now);
    return of.known.contains(mine);
}

proof_use proof_memory::use(std::string_view key, std::string_view id, time_point until, time_point now) {
    const name mine = name_of(key, id);
    shard& of = shards_[static_cast<unsigned char>(mine.front()) % shards_.size()];
    for (bool again = true;; again = false) {
        {
            const std::scoped_lock lock(of.mutex);
            forget_old(of, now);
            if (of.known.contains(mine)) {
                return proof_use::repeated;
            }
            if (take_place()) {
                of.known.emplace(mine, until);
                of.by_age.emplace(until, mine);
                return proof_use::first;
            }
        }
        if (!again) {
            return proof_use::no_room;
        }
        for (shard& each : shards_) {
            const std::scoped_lock lock(each.mutex);
            forget_old(each, now);
        }
    }
}

} // namespace bearward::policies::tokens
