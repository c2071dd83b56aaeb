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
        keys,       ///< the provider has none
        other_keys, ///< it has none for this token, and its issuer may have another by now
        answer,     ///< the provider's issuer has to be asked about the token
    };
    const provider* of; ///< of the snapshot by which the request is judged
    kind what = kind::keys;
    /// Of keys: the token's `kid`, which the client chose; empty: it has none. Of
    /// other_keys: why the present ones don't do, as a cause.
    std::string detail{};
    std::string token{}; ///< of an answer: what to ask about; for no other use: it is a secret
};

/// What becomes of a need.
enum class on_need : std::uint8_t {
    tell,         ///< it is the outcome: whoever asks gets what is needed, and asks again
    refuse,       ///< nothing more can be had: keys_unavailable or introspection_unavailable, as any refusal of a credential
    refuse_again, ///< likewise, of a request that was asked for before: rate limits counted it then
};

/// How long a client that was refused for an unmet need should wait (Retry-After,
/// RFC 9110 section 10.2.3).
inline constexpr std::chrono::seconds retry_unmet{1};

/// The refusal of a need that nobody could serve: keys_unavailable or introspection_unavailable.
[[nodiscard]] refusal refuse_unmet(const need& lacking);

} // namespace bearward::policies
