// What a decision lacks that only the outside has. Nothing here waits: who asked for
// the decision gets it and asks again (inquiry.hpp).
#pragma once

#include "policies/refusal.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace bearward::policies {

struct provider;

struct need {
    enum class kind : std::uint8_t {
        keys, ///< the provider has none
    };
    const provider* of; ///< of the snapshot by which the request is judged
    kind what = kind::keys;
    std::string detail{}; ///< of keys: the token's `kid`, which the client chose; empty: it has none
};

/// What becomes of a need.
enum class on_need : std::uint8_t {
    tell,   ///< it is the outcome: whoever asks gets what is needed, and asks again
    refuse, ///< nothing more can be had: keys_unavailable, as any refusal of a credential
};

/// How long a client that was refused for an unmet need should wait (Retry-After,
/// RFC 9110 section 10.2.3).
inline constexpr std::chrono::seconds retry_unmet{1};

/// The refusal of a need that nobody could serve: keys_unavailable.
[[nodiscard]] refusal refuse_unmet(const need& lacking);

} // namespace bearward::policies
