// Which DPoP proofs were used, so that none is used twice (RFC 9449 section 11.1).
#pragma once

#include "policies/clock.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string_view>

namespace bearward::policies::tokens {

/// What came of using a proof.
enum class proof_use : std::uint8_t {
    first,    ///< nobody used it before
    repeated, ///< somebody did
    no_room,  ///< too many are remembered: whether somebody did can't be said later
};

/// Bounded: what doesn't fit is not taken for new. For any number of threads; each use takes
/// one lock of several, so that those of different proofs rarely meet.
class proof_memory {
public:
    static constexpr std::size_t usual_capacity = 100'000;

    explicit proof_memory(std::size_t capacity = usual_capacity) noexcept : capacity_(capacity) {}

    /// Remembers a proof by its key's thumbprint and its `jti` until it is too old to count
    /// anyway. `until` is later than `now`.
    [[nodiscard]] proof_use use(std::string_view key, std::string_view id, time_point until, time_point now);
    /// Whether it is remembered; uses nothing.
    [[nodiscard]] bool contains(std::string_view key, std::string_view id, time_point now);
    /// It was used for nothing: it may be used again.
    void give_back(std::string_view key, std::string_view id);

    /// Those that it holds, also ones that are too old and were not forgotten yet.
    [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

private:
    using name = std::array<char, 32>; ///< a hash: whoever makes proofs doesn't choose how much is kept

    [[nodiscard]] static name name_of(std::string_view key, std::string_view id);

    struct shard {
        std::mutex mutex;
        std::map<name, time_point> known;
        std::set<std::pair<time_point, name>> by_age;
    };

    /// Forgets what ended. The caller has its lock.
    void forget_old(shard& of, time_point now);
    [[nodiscard]] bool take_place() noexcept;

    std::size_t capacity_;
    std::atomic<std::size_t> size_{0};
    std::array<shard, 16> shards_;
};

} // namespace bearward::policies::tokens
