#include "policies/tokens/shared_revocations.hpp"

#include "policies/text.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <string>

namespace bearward::policies::tokens {
namespace {

refusal revoked(const revocation_hit& by) {
    return {reason::token_revoked, std::string(to_string(by.kind)) + " " + in_quotes(by.id) + " is revoked"};
}

} // namespace

std::shared_ptr<shared_revocations> make_shared_revocations() {
    return std::make_shared<shared_revocations>();
}

std::optional<refusal> find_revocation(const shared_revocations& in, std::string_view provider, const verified_token& token, time_point now,
                                       std::size_t reader) {
    if (in.local != nullptr && in.local->size() != 0) {
        if (const auto hit = in.local->find(reader, facts_of(token), provider, now)) {
            return revoked(*hit);
        }
    }
    if (in.feed == nullptr) {
        return std::nullopt;
    }
    if (in.needs_feed && !in.feed->current.load(std::memory_order_acquire)) {
        return refusal(reason::revocation_unavailable, "provider " + in_quotes(provider) + ": Redis can't be reached");
    }
    if (in.feed->revoked.size() != 0) {
        if (const auto hit = in.feed->revoked.find(reader, facts_of(token), provider, now)) {
            return revoked(*hit);
        }
    }
    return std::nullopt;
}

} // namespace bearward::policies::tokens
