// Where it is said which of a provider's credentials count no longer, besides its file:
// by this process's operator, and by a source that several processes share.
#pragma once

#include "policies/refusal.hpp"
#include "policies/tokens/revocation_store.hpp"
#include "policies/tokens/revoked_elsewhere.hpp"
#include "policies/tokens/verified_token.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace bearward::policies::tokens {

/// What is known of a shared source.
struct revocation_feed {
    revocation_feed(const revocation_store::key& random, std::size_t readers) : revoked(random, readers) {}

    revocation_store revoked;
    std::atomic<bool> current{false}; ///< it was read whole, and changes come as they are made
};

/// Of one provider. Fixed before its rules are served.
struct shared_revocations {
    std::shared_ptr<const revocation_store> local; ///< null: none
    std::shared_ptr<const revocation_feed> feed;   ///< null: none
    bool needs_feed = false;                       ///< while it isn't current, nobody is let in
};

/// token_revoked with the entry that revokes the token, or revocation_unavailable;
/// nothing: it counts. `reader`: as of revocation_store.
[[nodiscard]] std::optional<refusal> find_revocation(const shared_revocations& in, std::string_view provider, const verified_token& token,
                                                     time_point now, std::size_t reader);

} // namespace bearward::policies::tokens
