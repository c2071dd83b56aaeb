#include "policies/outside.hpp"

#include "policies/tokens/event_token.hpp"

namespace bearward::policies {

std::optional<refusal> outside::find_revocation(const provider& by, const tokens::verified_token& token) const {
    return by.rules.revoked.size() == 0 ? std::nullopt : tokens::find_revocation(by.rules, token, now_);
}

tokens::verified_token_ptr outside::identify(const provider& by, const requests::client_certificate* shown) {
    return shown == nullptr ? nullptr : tokens::match_certificate(std::get<certificate_provider>(by.how).match, by.rules.provider, *shown);
}

rules::rate_outcome outside::take_rate(const rules::rate_limit& of, std::string_view /*key*/, bool /*counts*/) {
    return {.left = of.burst};
}

tokens::proof_use outside::use_proof(std::string_view, std::string_view, time_point) {
    return tokens::proof_use::no_room;
}

bool outside::vouches_for(const tokens::verified_token&) const noexcept {
    return false;
}

tokens::proof_use direct_outside::use_proof(std::string_view, std::string_view, time_point) {
    return tokens::proof_use::first;
}

verification direct_outside::verify(const provider& by, std::string_view token) {
    if (const auto* listed = std::get_if<api_key_provider>(&by.how)) {
        return tokens::verify_api_key(listed->keys, token, observer_);
    }
    if (const auto* asked = std::get_if<introspection_provider>(&by.how)) {
        return verification_of(by, token, asked->answers->find(token, now()).get());
    }
    const auto with = keys_of(by).current();
    return unless_outdated(by, verify_with(by, with.keys.get(), token, observer_), with.epoch, now());
}

verification verification_of(const provider& by, std::string_view token, const tokens::introspection_answer* known) {
    if (token.size() > by.rules.max_token) {
        return std::unexpected(refusal(reason::token_malformed, "longer than limits.max_token"));
    }
    if (known == nullptr && tokens::looks_like_event(token)) { // nobody is asked, so no answer is known either
        return std::unexpected(refusal(reason::type_mismatch, "a token about events is no credential"));
    }
    if (known == nullptr) {
        return std::unexpected(need{.of = &by, .what = need::kind::answer, .detail = {}, .token = std::string(token)});
    }
    return known->outcome ? verification(*known->outcome) : std::unexpected(unverified(known->outcome.error()));
}

verification unless_outdated(const provider& by, verification outcome, std::uint64_t epoch, time_point now) {
    if (outcome) {
        return outcome;
    }
    auto* const refused = std::get_if<refusal>(&outcome.error());
    if (refused == nullptr || !refused->by_other_keys) {
        return outcome;
    }
    // In this order: new keys are there before they are said to be the newest.
    const tokens::key_ring& ring = keys_of(by);
    if (!ring.may_be_outdated(now) && ring.epoch() == epoch) {
        return outcome;
    }
    return std::unexpected(need{.of = &by, .what = need::kind::other_keys, .detail = std::move(refused->cause)});
}

verification verify_with(const provider& by, const jose::key_set* keys, std::string_view token, explanation* observer) {
    if (keys != nullptr) {
        return tokens::verify_token(by.rules, *keys, token, observer);
    }
    auto parsed = tokens::parse_token(by.rules, token, observer);
    if (!parsed) {
        return std::unexpected(std::move(parsed).error());
    }
    return std::unexpected(need{.of = &by, .what = need::kind::keys, .detail = std::move(parsed->key_id).value_or(std::string{})});
}

} // namespace bearward::policies
