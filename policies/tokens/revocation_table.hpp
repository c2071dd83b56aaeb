// The tables of a revocation_store: slots that name an entry once and for good. Internal
// to tokens.
#pragma once

#include "policies/clock.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace bearward::policies::tokens {

inline constexpr std::size_t least_room = 8;
inline constexpr std::uint32_t of_all_tokens = std::numeric_limits<std::uint32_t>::max();

/// The tables of a shard have room for a third more than they hold.
[[nodiscard]] constexpr bool is_full(std::size_t used, std::size_t room) noexcept {
    return used * 4 >= room * 3;
}

/// For a table that is made anew: changes come before it is full again.
[[nodiscard]] inline std::size_t room_for_entries(std::size_t count) noexcept {
    const std::size_t room = std::bit_ceil(std::max(count + 1, least_room));
    return (count + 1) * 8 > room * 5 ? room * 2 : room;
}

/// Since 1970, rounded down: what is revoked until then is so no longer.
[[nodiscard]] inline std::uint32_t whole_seconds(time_point time) noexcept {
    constexpr std::int64_t last = std::numeric_limits<std::uint32_t>::max() - 1;
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.time_since_epoch().count() / 1000, 0, last));
}

struct revocation_digest {
    static constexpr std::uint64_t number_bits = 15;

    std::uint64_t low;  ///< never 0
    std::uint64_t high; ///< its last four bits are the kind, and whether it is bound to an issuer

    [[nodiscard]] std::size_t shard() const noexcept { return high >> 58U; }
};

/// Of the kind, in a digest.
[[nodiscard]] constexpr std::size_t number_in(std::uint64_t high) noexcept {
    return high & revocation_digest::number_bits;
}

/// What it names is written before `low`, once; 0: nothing yet.
struct revocation_slot {
    std::atomic<std::uint64_t> low{0};
    std::uint64_t high = 0;
    std::uint64_t provider = 0;           ///< 0: of every provider
    std::atomic<std::uint32_t> until{0};  ///< seconds since 1970; 0: taken back; the last: for ever
    std::uint32_t before = of_all_tokens; ///< seconds since 1970
};

/// All that tells an entry from others.
struct revocation_identity {
    revocation_digest name;
    std::uint64_t provider;
    std::uint32_t before;
};

struct revocation_table {
    explicit revocation_table(std::size_t room) : mask(room - 1), slots(std::make_unique<revocation_slot[]>(room)), seen(room) {}

    [[nodiscard]] std::size_t room() const noexcept { return mask + 1; }

    [[nodiscard]] std::size_t place_of(const revocation_slot& one) const noexcept { return static_cast<std::size_t>(&one - slots.get()); }

    [[nodiscard]] revocation_slot* find(const revocation_identity& what) noexcept {
        for (std::size_t at = what.name.low & mask;; at = (at + 1) & mask) {
            revocation_slot& each = slots[at];
            const std::uint64_t low = each.low.load(std::memory_order_relaxed);
            if (low == 0) {
                return nullptr;
            }
            if (low == what.name.low && each.high == what.name.high && each.provider == what.provider && each.before == what.before) {
                return &each;
            }
        }
    }

    /// Takes a free slot, of which there is one, for what isn't there. Whoever reads finds it
    /// once its `low` is stored.
    [[nodiscard]] revocation_slot& add(const revocation_identity& what) noexcept {
        std::size_t at = what.name.low & mask;
        while (slots[at].low.load(std::memory_order_relaxed) != 0) {
            at = (at + 1) & mask;
        }
        revocation_slot& free = slots[at];
        free.high = what.name.high;
        free.provider = what.provider;
        free.before = what.before;
        ++used;
        return free;
    }

    std::size_t mask;
    std::unique_ptr<revocation_slot[]> slots;
    std::vector<bool> seen; ///< of the writer: mentioned since begin_reading()
    std::size_t used = 0;   ///< of the writer
};

} // namespace bearward::policies::tokens
