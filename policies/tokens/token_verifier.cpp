#include "policies/tokens/token_verifier.hpp"

#include "policies/date_text.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/claims.hpp"
#include "policies/tokens/claims_verdict.hpp"
#include "policies/tokens/first_refusal.hpp"
#include "policies/tokens/token_signature.hpp"
#include "policies/tokens/token_steps.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

/// A claim that can't be read refuses the token where somebody said that it is there;
/// a guess of ours that fails leaves the fact unknown.
template <class Read>
bool is_refused(const Read& read, const mapped_claim& from, bool& unknown) {
    unknown = !read && !from.written;
    return !read && from.written;
}

/// Fills the dates, the identity, `jti` and `sid`. Nothing, or which of them has a
/// wrong type.
std::optional<std::string> read_identity(const verification_rules& rules, const json::object& claims, verified_token& into,
                                         explanation* observer) {
    const auto expires = read_date(claims, "exp");
    const auto not_before = read_date(claims, "nbf");
    const auto issued_at = read_date(claims, "iat");
    auto user = read_user(claims, rules.claims.user);
    auto tenants = read_tenants(claims, rules.claims.tenant);
    auto roles = read_roles(claims, rules.claims.roles);
    auto scopes = read_scopes(claims, rules.claims.scopes);
    auto id = read_text(claims.if_contains("jti"));
    auto session = read_text(claims.if_contains("sid"));
    auto& unknown = into.who.unknown;
    const std::array<std::pair<std::string_view, bool>, 9> read{{{"exp", expires.has_value()},
                                                                 {"nbf", not_before.has_value()},
                                                                 {"iat", issued_at.has_value()},
                                                                 {"user", !is_refused(user, rules.claims.user, unknown.user)},
                                                                 {"tenant", !is_refused(tenants, rules.claims.tenant, unknown.tenant)},
                                                                 {"roles", !is_refused(roles, rules.claims.roles, unknown.roles)},
                                                                 {"scopes", !is_refused(scopes, rules.claims.scopes, unknown.scopes)},
                                                                 {"jti", id.has_value()},
                                                                 {"sid", session.has_value()}}};
    const bool sound = std::ranges::all_of(read, [](const auto& each) { return each.second; });
    tell(observer, sound ? reason::ok : reason::token_malformed, [&] { return claims_step(read, into.who); });
    if (!sound) {
        std::string cause = "of a wrong type:";
        for (const auto& [name, good] : read) {
            cause.append(good ? "" : " ").append(good ? std::string_view{} : name);
        }
        return cause;
    }
    into.expires = *expires;
    into.not_before = *not_before;
    into.issued_at = *issued_at;
    into.id = std::move(*id);
    into.session = std::move(*session);
    const json::value* const binding = claims.if_contains("cnf");
    into.bound = binding != nullptr && !binding->is_null();
    into.who.provider = rules.provider;
    into.who.user = std::move(user).value_or(std::string{});
    into.who.roles = std::move(roles).value_or(std::vector<std::string>{});
    into.who.scopes = std::move(scopes).value_or(std::vector<std::string>{});
    if (tenants && tenants->size() == 1) {
        into.who.tenant = std::move(tenants->front());
    } else if (tenants) {
        into.who.tenants = std::move(*tenants);
    } else {
        into.readable_tenants = readable_tenants(claims, rules.claims.tenant);
    }
    into.who.expires = *expires;
    return std::nullopt;
}

/// What a revocation list may name the token by.
revocation_facts facts_of(const verified_token& token) noexcept {
    return {.token_id = token.id,
            .session = token.session,
            .user = token.who.user,
            .tenant = token.who.tenant,
            .tenants = token.who.unknown.tenant ? token.readable_tenants : token.who.tenants};
}

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
    auto result = std::make_shared<verified_token>();
    const auto audience = rules.audiences.empty() ? std::vector<std::string>{} : read_strings(claims->if_contains("aud"));
    if (auto wrong = read_identity(rules, *claims, *result, observer)) {
        return std::unexpected(refusal(reason::token_malformed, std::move(*wrong)));
    }
    if (!audience) {
        return malformed("aud is neither a string nor an array of strings", observer);
    }
    result->who.claims = std::move(*claims);
    result->claims_verdict = judge_claims(rules, *result, parsed->type, *audience, observer);
    return result;
}

std::optional<refusal> find_revocation(const verification_rules& rules, const verified_token& token, time_point now) {
    const revocation_facts facts = facts_of(token);
    if (!rules.revoked.revokes(facts, now)) {
        return std::nullopt;
    }
    return refusal(reason::token_revoked, rules.revoked.matching_entry(facts, now));
}

reason judge_token(const verification_rules& rules, const verified_token& token, time_point now, const std::optional<refusal>& revoked,
                   explanation* observer) {
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
    if (token.bound) {
        verdict.keep(tell(observer, reason::binding_unverified, binding_step));
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
        return "the token has cnf, and its binding can't be verified";
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
