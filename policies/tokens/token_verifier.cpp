#include "policies/tokens/token_verifier.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/signature.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/claims.hpp"
#include "policies/tokens/token_steps.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

/// Of keys that a token may have been signed with, at most so many are tried: a
/// bound on the work that one token can cause.
constexpr std::size_t max_tried_keys = 4;

struct key_search {
    std::size_t tried = 0;
    bool known = false;                     ///< the key that the token means is there
    const jose::key* verified_by = nullptr; ///< null: no key made the signature
};

key_search try_keys(const jose::key_set& keys, const jose::jws& token) {
    const bool by_id = keys.selection == jose::key_selection::by_id && token.key_id.has_value();
    key_search search{.known = !by_id && keys.selection == jose::key_selection::ignore_id};
    for (const jose::key& candidate : keys.keys) {
        if (by_id && (candidate.id().empty() || candidate.id() != *token.key_id)) {
            continue;
        }
        search.known = search.known || by_id;
        if (!candidate.allows(token.alg)) {
            continue;
        }
        ++search.tried;
        if (jose::verify_signature(candidate, token.alg, token.signing_input, token.signature)) {
            search.verified_by = &candidate;
            break;
        }
        if (search.tried == max_tried_keys) {
            break;
        }
    }
    return search;
}

/// reason::ok when one of the fitting keys verifies the signature.
reason check_signature(const jose::key_set& keys, const jose::jws& token, explanation* observer) {
    const key_search search = try_keys(keys, token);
    // When the key that the token means is there, it is not for this algorithm.
    const reason missing = search.known ? reason::algorithm_not_allowed : reason::key_not_found;
    const reason key = search.tried != 0 ? reason::ok : missing;
    if (tell(observer, key, [&] { return key_step(keys, token, search.tried); }) != reason::ok) {
        return key;
    }
    const reason verdict = search.verified_by != nullptr ? reason::ok : reason::signature_invalid;
    return tell(observer, verdict, [&] { return signature_step(token, search.tried, search.verified_by); });
}

char lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, lower, lower);
}

/// RFC 7515 section 4.1.9: "application/" may be left out of a `typ`.
std::string_view bare_type(std::string_view type) noexcept {
    constexpr std::string_view prefix = "application/";
    return equal_ignoring_case(type.substr(0, prefix.size()), prefix) ? type.substr(prefix.size()) : type;
}

reason check_type(const verification_rules& rules, const std::optional<std::string>& type) {
    if (!type) {
        return rules.require_type ? reason::type_mismatch : reason::ok;
    }
    const bool accepted = std::ranges::any_of(
        rules.types, [&](const std::string& accepts) { return equal_ignoring_case(bare_type(accepts), bare_type(*type)); });
    return accepted ? reason::ok : reason::type_mismatch;
}

reason check_issuer(const verification_rules& rules, const json::value* issuer) {
    if (!rules.issuer) {
        return reason::ok;
    }
    const bool equal = issuer != nullptr && issuer->is_string() && std::string_view(issuer->get_string()) == *rules.issuer;
    return equal ? reason::ok : reason::issuer_mismatch;
}

reason check_audience(const verification_rules& rules, const std::vector<std::string>& audience) {
    if (rules.audiences.empty()) {
        return reason::ok;
    }
    const bool ours = std::ranges::find_first_of(audience, rules.audiences) != audience.end();
    return ours ? reason::ok : reason::audience_mismatch;
}

reason check_required(const required_claim& required, const json::value* claim) {
    if (claim == nullptr || is_empty_claim(*claim)) {
        return reason::claim_missing;
    }
    const bool holds =
        required.present_only || std::ranges::any_of(required.values, [&](const json::value& value) { return claim_holds(*claim, value); });
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

/// Of several refusals the first counts.
class first_refusal {
public:
    void keep(reason verdict) noexcept { kept_ = kept_ == reason::ok ? verdict : kept_; }
    [[nodiscard]] reason kept() const noexcept { return kept_; }

private:
    reason kept_ = reason::ok;
};

/// What does not depend on time, in the order in which it is reported. An observer
/// is told every check, also after the first refusal.
reason judge_claims(const verification_rules& rules, const verified_token& token, const std::optional<std::string>& type,
                    const std::vector<std::string>& audience, explanation* observer) {
    const json::object& claims = token.who.claims;
    const json::value* const issuer = claims.if_contains("iss");
    const explanation::ahead told_after_the_dates(observer);
    first_refusal verdict;
    verdict.keep(tell(observer, check_issuer(rules, issuer), [&] { return issuer_step(rules, issuer); }));
    verdict.keep(tell(observer, check_audience(rules, audience), [&] { return audience_step(rules, audience); }));
    verdict.keep(tell(observer, check_type(rules, type), [&] { return type_step(rules, type); }));
    for (const required_claim& required : rules.required_claims) {
        const json::value* const claim = find_claim(claims, required.path);
        verdict.keep(tell(observer, check_required(required, claim), [&] { return required_step(required, claim); }));
    }
    verdict.keep(tell(observer, check_lifetime(rules, token), [&] { return lifetime_step(rules, token); }));
    return verdict.kept();
}

/// Fills the dates, the identity and `jti`; false when one has a wrong type.
bool read_identity(const verification_rules& rules, const json::object& claims, verified_token& into, explanation* observer) {
    const auto expires = read_date(claims, "exp");
    const auto not_before = read_date(claims, "nbf");
    const auto issued_at = read_date(claims, "iat");
    auto user = read_text(find_first_claim(claims, rules.claims.user));
    auto tenant = read_text(find_first_claim(claims, rules.claims.tenant));
    auto roles = read_list(find_first_claim(claims, rules.claims.roles));
    auto scopes = read_list(find_first_claim(claims, rules.claims.scopes));
    auto id = read_text(claims.if_contains("jti"));
    const bool sound = expires && not_before && issued_at && user && tenant && roles && scopes && id;
    tell(observer, sound ? reason::ok : reason::token_malformed, [&] {
        const std::array<std::pair<std::string_view, bool>, 8> read{{{"exp", expires.has_value()},
                                                                     {"nbf", not_before.has_value()},
                                                                     {"iat", issued_at.has_value()},
                                                                     {"user", user.has_value()},
                                                                     {"tenant", tenant.has_value()},
                                                                     {"roles", roles.has_value()},
                                                                     {"scopes", scopes.has_value()},
                                                                     {"jti", id.has_value()}}};
        return claims_step(read);
    });
    if (!sound) {
        return false;
    }
    into.expires = *expires;
    into.not_before = *not_before;
    into.issued_at = *issued_at;
    into.id = std::move(*id);
    into.bound = claims.contains("cnf");
    into.who.provider = rules.provider;
    into.who.user = std::move(*user);
    into.who.tenant = std::move(*tenant);
    into.who.roles = std::move(*roles);
    into.who.scopes = std::move(*scopes);
    into.who.expires = *expires;
    return true;
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

std::expected<verified_token_ptr, reason> verify_token(const verification_rules& rules, const jose::key_set& keys, std::string_view token,
                                                       explanation* observer) {
    const auto malformed = [observer](std::string_view what) {
        return std::unexpected(tell(observer, reason::token_malformed, [&] { return form_step(what); }));
    };
    if (token.size() > rules.max_token) {
        return malformed("longer than limits.max_token");
    }
    const auto parsed = jose::parse_jws(token, rules.algorithms, observer);
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    if (const reason verdict = check_signature(keys, *parsed, observer); verdict != reason::ok) {
        return std::unexpected(verdict);
    }
    auto claims = jose::parse_json_object(parsed->payload);
    if (!claims) {
        return malformed("the payload is not one sound JSON object");
    }
    auto result = std::make_shared<verified_token>();
    const auto audience = rules.audiences.empty() ? std::vector<std::string>{} : read_strings(claims->if_contains("aud"));
    if (!read_identity(rules, *claims, *result, observer)) {
        return std::unexpected(reason::token_malformed);
    }
    if (!audience) {
        return malformed("aud is neither a string nor an array of strings");
    }
    result->who.claims = std::move(*claims);
    result->claims_verdict = judge_claims(rules, *result, parsed->type, *audience, observer);
    return result;
}

reason judge_token(const verification_rules& rules, const verified_token& token, time_point now, explanation* observer) {
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
    if (rules.revoked.size() != 0) {
        const bool listed = rules.revoked.revokes(token.id, token.who.user, token.who.tenant);
        verdict.keep(tell(observer, listed ? reason::token_revoked : reason::ok, [&] { return revocation_step(token); }));
    }
    if (token.bound) {
        verdict.keep(tell(observer, reason::binding_unverified, binding_step));
    }
    return verdict.kept();
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
