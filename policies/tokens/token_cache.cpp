#include "policies/tokens/token_cache.hpp"

#include "policies/tokens/footprint.hpp"

#include <utility>

namespace bearward::policies::tokens {

void token_table::insert(std::string_view token, verification outcome) {
    const std::size_t bytes = outcome ? footprint(**outcome) : heap_bytes(outcome.error().cause);
    known_.insert(token, std::move(outcome), bytes);
}

const verification* token_cache::find(std::string_view token) noexcept {
    if (const verification* const good = good_.find(token); good != nullptr) {
        return good;
    }
    return bad_.find(token);
}

void token_cache::insert(std::string_view token, const verification& outcome) {
    if (outcome) {
        good_.insert(token, outcome);
    } else if (outcome.error().why == reason::signature_invalid) {
        bad_.insert(token, outcome);
    }
}

} // namespace bearward::policies::tokens
