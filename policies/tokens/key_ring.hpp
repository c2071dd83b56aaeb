// The keys of one provider as they change in its life, apart from the rules: a swap
// needs no new generation, and a generation whose provider did not change may keep
// the ring of the one before.
#pragma once

#include "policies/clock.hpp"
#include "policies/jose/key_set.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace bearward::policies::tokens {

/// Null: no keys, before the first ones or when they have become too old to count.
using key_set_ptr = std::shared_ptr<const jose::key_set>;

/// Thread-safe. Whoever verifies keeps the edition that it has and compares its epoch
/// with the ring's each time: a load of a word that is written at swaps alone, so that
/// workers share it in their caches; only when it differs the lock is taken. An atomic
/// shared_ptr instead would be a lock and two counts, shared by all, for every token.
class key_ring {
public:
    /// A set of keys as it counted at some time.
    struct edition {
        key_set_ptr keys;
        std::uint64_t epoch = 0; ///< 0: none was taken yet
    };

    key_ring() = default;
    explicit key_ring(jose::key_set first) : keys_(std::make_shared<const jose::key_set>(std::move(first))) {}
    key_ring(const key_ring&) = delete;
    key_ring& operator=(const key_ring&) = delete;

    /// These count from now on. What was verified with others has to be verified anew.
    void replace(key_set_ptr keys);
    /// Another one after each replace(); never 0.
    [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }
    /// The keys that count now. Takes the lock.
    [[nodiscard]] edition current() const;

    /// From then on the issuer may have others: a token that none of these verifies is no
    /// proof that it is bad. time_point::max(), as at first: these are all that there will be.
    void outdated_from(time_point when) noexcept { outdated_from_.store(when.time_since_epoch().count(), std::memory_order_release); }
    [[nodiscard]] bool may_be_outdated(time_point now) const noexcept {
        return now.time_since_epoch().count() >= outdated_from_.load(std::memory_order_acquire);
    }

private:
    mutable std::mutex mutex_; ///< guards keys_, and writes of epoch_
    key_set_ptr keys_;
    std::atomic<std::uint64_t> epoch_{1};
    std::atomic<time_point::rep> outdated_from_{time_point::max().time_since_epoch().count()};
};

} // namespace bearward::policies::tokens
