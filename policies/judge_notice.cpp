#include "policies/judge_notice.hpp"

#include "policies/tokens/logout_token.hpp"
#include "policies/tokens/security_event.hpp"
#include "policies/tokens/signed_claims.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies {
namespace {

notice_verdict lack(need what, on_need lacking) {
    return lacking == on_need::tell ? notice_verdict(std::move(what)) : notice_verdict(refuse_unmet(what));
}

/// Without keys: what no key would help is refused all the same.
notice_verdict judge_without_keys(const revocation_receiver& by, std::string_view token, on_need lacking) {
    auto parsed = jose::parse_jws(token, by.signer.rules.algorithms);
    if (!parsed) {
        return std::move(parsed).error();
    }
    return lack({.of = &by.signer, .what = need::kind::keys, .detail = std::move(parsed->key_id).value_or(std::string{})}, lacking);
}

/// What was said long ago has had its time: it says nothing of tokens that don't tell when they were issued.
void drop_old(tokens::issuer_notice& notice, const revocation_receiver& by, time_point now) {
    if (!notice.entries.empty() && now - notice.issued_at > by.hold + by.signer.rules.clock_skew) {
        notice.entries.clear();
        notice.about += ", older than hold";
    }
}

} // namespace

notice_verdict judge_notice(const revocation_receiver& by, std::string_view token, time_point now, on_need lacking) {
    const tokens::key_ring& ring = keys_of(by.signer);
    const auto with = ring.current();
    if (with.keys == nullptr) {
        return judge_without_keys(by, token, lacking);
    }
    auto verified = tokens::verify_claims(by.signer.rules.algorithms, *with.keys, token);
    if (!verified) {
        refusal refused = std::move(verified).error();
        // In this order: new keys are there before they are said to be the newest.
        if (refused.by_other_keys && (ring.may_be_outdated(now) || ring.epoch() != with.epoch)) {
            return lack({.of = &by.signer, .what = need::kind::other_keys, .detail = std::move(refused.cause)}, lacking);
        }
        return refused;
    }
    auto judged = by.takes == revocation_receiver::kind::logout ? tokens::judge_logout_token(by.signer.rules, *verified, now)
                                                                : tokens::judge_security_event(by.signer.rules, by.issuers, *verified, now);
    if (!judged) {
        return std::move(judged).error();
    }
    if (by.takes == revocation_receiver::kind::events) { // a logout token's age is bounded by itself
        drop_old(*judged, by, now);
    }
    return *std::move(judged);
}

const revocation_receiver* find_receiver(const snapshot& rules, std::string_view path) noexcept {
    const auto found = std::ranges::find(rules.receivers, path, &revocation_receiver::path);
    return found == rules.receivers.end() ? nullptr : &*found;
}

} // namespace bearward::policies
