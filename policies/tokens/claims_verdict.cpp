#include "policies/tokens/claims_verdict.hpp"

#include "policies/ascii.hpp"
#include "policies/explanation.hpp"
#include "policies/text.hpp"
#include "policies/tokens/claim_comparison.hpp"
#include "policies/tokens/claims.hpp"
#include "policies/tokens/event_token.hpp"
#include "policies/tokens/first_refusal.hpp"
#include "policies/tokens/token_causes.hpp"
#include "policies/tokens/token_steps.hpp"

#include <algorithm>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// RFC 7515 section 4.1.9: "application/" may be left out of a `typ`.
std::string_view bare_type(std::string_view type) noexcept {
    constexpr std::string_view prefix = "application/";
    return equal_ignoring_case(type.substr(0, prefix.size()), prefix) ? type.substr(prefix.size()) : type;
}

reason check_type(const verification_rules& rules, const std::optional<std::string>& type, const json::object& claims) {
    if (is_event(type, claims)) {
        return reason::type_mismatch;
    }
    if (!type) {
        return rules.require_type ? reason::type_mismatch : reason::ok;
    }
    const bool accepted = std::ranges::any_of(
        rules.types, [&](const std::string& accepts) { return equal_ignoring_case(bare_type(accepts), bare_type(*type)); });
    return accepted ? reason::ok : reason::type_mismatch;
}

/// `claim`: `iss`; null: there is none.
reason check_issuer(const verification_rules& rules, const json::value* claim, const json::object& claims) {
    if (rules.issuers.empty()) {
        return reason::ok;
    }
    const json::string* const issuer = claim != nullptr ? claim->if_string() : nullptr;
    const bool ours = issuer != nullptr && std::ranges::any_of(rules.issuers, [&](const issuer_pattern& each) {
                          return each.matches(std::string_view(*issuer), claims);
                      });
    return ours ? reason::ok : reason::issuer_mismatch;
}

reason check_audience(const verification_rules& rules, const std::vector<std::string>& audience) {
    if (rules.audiences.empty()) {
        return reason::ok;
    }
    const bool ours = std::ranges::find_first_of(audience, rules.audiences) != audience.end();
    return ours ? reason::ok : reason::audience_mismatch;
}

reason check_required(const required_claim& required, const found_claim& found) {
    const json::value* const claim = found.value;
    if (!found.readable) {
        return reason::claim_mismatch;
    }
    if (claim == nullptr || is_empty_claim(*claim)) {
        return reason::claim_missing;
    }
    const bool holds =
        compare_claim(claim, {.present_only = required.present_only, .values = required.values, .pattern = required.pattern}) == truth::yes;
    return holds ? reason::ok : reason::claim_mismatch;
}

reason check_lifetime(const verification_rules& rules, const verified_token& token) {
    if (!rules.max_lifetime) {
        return reason::ok;
    }
    if (!token.expires || !token.issued_at) {
        return reason::claim_missing;
    }
    return *token.expires - *token.issued_at > *rules.max_lifetime ? reason::lifetime_too_long : reason::ok;
}

} // namespace

reason judge_claims(const verification_rules& rules, verified_token& token, const std::optional<std::string>& type,
                    const std::vector<std::string>& audience, explanation* observer) {
    const json::object& claims = token.who.claims;
    const json::value* const issuer = claims.if_contains("iss");
    const explanation::ahead told_after_the_dates(observer);
    first_refusal verdict;
    std::string& cause = token.claims_cause;
    verdict.keep(tell(observer, check_issuer(rules, issuer, claims), [&] { return issuer_step(rules, issuer); }), cause,
                 [&] { return issuer_cause(rules, issuer); });
    verdict.keep(tell(observer, check_audience(rules, audience), [&] { return audience_step(rules, audience); }), cause,
                 [&] { return audience_cause(rules, audience); });
    verdict.keep(tell(observer, check_type(rules, type, claims), [&] { return type_step(rules, type); }), cause,
                 [&] { return type_cause(rules, type, is_event(type, claims)); });
    for (const required_claim& required : rules.required_claims) {
        const found_claim claim = look_up(claims, required.path);
        verdict.keep(tell(observer, check_required(required, claim), [&] { return required_step(required, claim); }), cause,
                     [&] { return required_cause(required, claim); });
    }
    if (rules.require_user) {
        const reason user = token.who.user.empty() ? reason::claim_missing : reason::ok;
        verdict.keep(tell(observer, user, [&] { return user_step(token); }), cause, [] { return "the token names no user"; });
    }
    verdict.keep(tell(observer, check_lifetime(rules, token), [&] { return lifetime_step(rules, token); }), cause,
                 [&] { return lifetime_cause(rules, token); });
    return verdict.kept();
}

} // namespace bearward::policies::tokens
