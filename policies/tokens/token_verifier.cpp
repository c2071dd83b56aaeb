#include "policies/tokens/token_verifier.hpp"

#include "policies/date_text.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/claims_reading.hpp"
#include "policies/tokens/first_refusal.hpp"
#include "policies/tokens/token_signature.hpp"
#include "policies/tokens/token_steps.hpp"

#include <algorithm>
#include <limits>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

std::unexpected<refusal> malformed(std::string_view what, explanation* observer) {
    return std::unexpected(refusal(tell(observer, reason::token_malformed, [&] { return form_step(what); }), std::string(what)));
}

/// Adds without wrapping: a sum beyond the type's range is its last value.
time_point later(time_point from, milliseconds by) noexcept {
    constexpr auto last = std::numeric_limits<milliseconds::rep>::max();
    const auto base = from.time_since_epoch().count();
    if (by.count() > 0 && base > last - by.count()) {
        return time_point(milliseconds(last));
    }
    return from + by;
}

/// What a request would have to prove.
std::string unproven(const verification_rules& rules, const verified_token& token) {
    const confirmation& bound_to = token.bound_to;
    if (!bound_to.fault.empty()) {
        return bound_to.fault;
    }
    std::string needed;
    if (!bound_to.certificate.empty()) {
        needed = "the client certificate of cnf.x5t#S256 in its connection";
    }
    if (!bound_to.key.empty()) {
        needed.append(needed.empty() ? "" : ", and ").append("a DPoP proof by the key of cnf.jkt");
    }
    if (!bound_to.key.empty() && rules.dpop == dpop_mode::off) {
        return "the token has cnf.jkt, and the provider has dpop: off";
    }
    if (bound_to.key.empty() && rules.dpop == dpop_mode::required) {
        return "the provider has dpop: required, and the token has no cnf.jkt";
    }
    return "a request with the token needs " + needed;
}

/// `before`: what the token is refused for already; then no proof is used up for it.
reason judge_binding(const verification_rules& rules, const verified_token& token, reason before, binding_check* binding,
                     explanation* observer) {
    if (before != reason::ok) {
        tell(observer, [&] { return binding_step(token.bound_to, "not looked at: the token is refused already"); });
        return before;
    }
    const std::optional<refusal> refused =
        binding != nullptr ? binding->judge(rules, token) : refusal(reason::binding_unverified, unproven(rules, token));
    return tell(observer, refused ? refused->why : reason::ok, [&] { return binding_step(token.bound_to, refused ? refused->cause : ""); });
}

} // namespace

std::expected<jose::jws, refusal> parse_token(const verification_rules& rules, std::string_view token, explanation* observer) {
    if (token.size() > rules.max_token) {
        return malformed("longer than limits.max_token", observer);
    }
    return jose::parse_jws(token, rules.algorithms, observer);
}

std::expected<verified_token_ptr, refusal> verify_token(const verification_rules& rules, const jose::key_set& keys, std::string_view token,
                                                        explanation* observer) {
    auto parsed = parse_token(rules, token, observer);
    if (!parsed) {
        return std::unexpected(std::move(parsed).error());
    }
    if (auto refused = check_signature(keys, *parsed, observer)) {
        return std::unexpected(std::move(*refused));
    }
    auto claims = jose::parse_json_object(parsed->payload);
    if (!claims) {
        return malformed("the payload is not one sound JSON object", observer);
    }
    return read_claims(rules, std::move(*claims), parsed->type, observer);
}

namespace {

/// A claim that is text; empty: it is absent, or something else.
std::string_view text_claim(const verified_token& token, std::string_view name) noexcept {
    const json::value* const claim = token.who.claims.if_contains(name);
    const json::string* const text = claim != nullptr ? claim->if_string() : nullptr;
    return text != nullptr ? std::string_view(*text) : std::string_view{};
}

} // namespace

revocation_facts facts_of(const verified_token& token) noexcept {
    return {.token_id = token.id,
            .session = token.session,
            .user = token.who.user,
            .tenant = token.who.tenant,
            .tenants = token.who.unknown.tenant ? token.readable_tenants : token.who.tenants,
            .issued_at = token.issued_at,
            .subject = token.subject.empty() ? text_claim(token, "sub") : std::string_view(token.subject),
            .issuer = text_claim(token, "iss")};
}

std::optional<refusal> find_revocation(const verification_rules& rules, const verified_token& token, time_point now) {
    const revocation_facts facts = facts_of(token);
    if (!rules.revoked.revokes(facts, now)) {
        return std::nullopt;
    }
    return refusal(reason::token_revoked, rules.revoked.matching_entry(facts, now));
}

reason judge_token(const verification_rules& rules, const verified_token& token, time_point now, const std::optional<refusal>& revoked,
                   explanation* observer, binding_check* binding) {
    first_refusal verdict;
    const bool over = token.expires && now >= later(*token.expires, rules.clock_skew);
    const reason without = rules.require_expiry ? reason::claim_missing : reason::ok;
    const reason expiry = over ? reason::token_expired : (token.expires ? reason::ok : without);
    verdict.keep(tell(observer, expiry, [&] { return expiry_step(rules, token, now); }));
    const time_point latest = later(now, rules.clock_skew);
    const auto check_start = [&](std::string_view claim, const std::optional<time_point>& date) {
        if (date) {
            const reason start = latest < *date ? reason::token_not_yet_valid : reason::ok;
            verdict.keep(tell(observer, start, [&] { return start_step(claim, *date, latest, rules); }));
        }
    };
    check_start("nbf", token.not_before);
    check_start("iat", token.issued_at);
    verdict.keep(token.claims_verdict);
    if (observer != nullptr) [[unlikely]] {
        observer->tell_kept();
    }
    if (rules.revoked.size() != 0 || revoked) {
        verdict.keep(tell(observer, revoked ? revoked->why : reason::ok, [&] { return revocation_step(token); }));
    }
    if (binding != nullptr || token.bound_to.present || rules.dpop == dpop_mode::required) {
        verdict.keep(judge_binding(rules, token, verdict.kept(), binding, observer));
    }
    return verdict.kept();
}

std::string judgement_cause(const verification_rules& rules, const verified_token& token, time_point now,
                            const std::optional<refusal>& revoked, reason why) {
    if (revoked && why == revoked->why) {
        return revoked->cause;
    }
    if (why == token.claims_verdict && why != reason::claim_missing) {
        return token.claims_cause;
    }
    switch (why) {
    case reason::token_expired:
        return "exp " + (token.expires ? to_rfc3339(*token.expires) : "") + ", now " + to_rfc3339(now);
    case reason::token_not_yet_valid:
        return std::string(token.not_before && later(now, rules.clock_skew) < *token.not_before ? "nbf " : "iat ") +
               to_rfc3339(token.not_before && later(now, rules.clock_skew) < *token.not_before ? *token.not_before
                                                                                               : token.issued_at.value_or(now)) +
               ", now " + to_rfc3339(now);
    case reason::claim_missing:
        return rules.require_expiry && !token.expires ? "no exp" : token.claims_cause;
    case reason::binding_unverified:
        return unproven(rules, token);
    default:
        return {};
    }
}

issuer_fit fit_issuer(const verification_rules& rules, std::string_view issuer) noexcept {
    issuer_fit best = issuer_fit::none;
    for (const issuer_pattern& each : rules.issuers) {
        if (each.fits(issuer)) {
            best = std::max(best, each.is_template() ? issuer_fit::as_template : issuer_fit::literal);
        }
    }
    return best;
}

std::optional<std::string> peek_issuer(std::string_view token) {
    const auto parts = jose::split_jws(token);
    if (!parts) {
        return std::nullopt;
    }
    const auto payload = jose::decode_base64url(parts->payload);
    const auto claims = payload ? jose::parse_json_object(*payload) : std::nullopt;
    const json::value* issuer = claims ? claims->if_contains("iss") : nullptr;
    if (issuer == nullptr || !issuer->is_string()) {
        return std::nullopt;
    }
    return std::string(issuer->get_string());
}

} // namespace bearward::policies::tokens
