#include "policies/tokens/token_verifier.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/signature.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/claims.hpp"

#include <algorithm>
#include <limits>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

/// Of keys that a token may have been signed with, at most so many are tried: a
/// bound on the work that one token can cause.
constexpr std::size_t max_tried_keys = 4;

/// reason::ok when one of the fitting keys verifies the signature.
reason check_signature(const jose::key_set& keys, const jose::jws& token) {
    const bool by_id = keys.selection == jose::key_selection::by_id && token.key_id.has_value();
    bool known = !by_id && keys.selection == jose::key_selection::ignore_id;
    std::size_t tried = 0;
    for (const jose::key& candidate : keys.keys) {
        if (by_id && (candidate.id().empty() || candidate.id() != *token.key_id)) {
            continue;
        }
        known = known || by_id;
        if (!candidate.allows(token.alg)) {
            continue;
        }
        if (jose::verify_signature(candidate, token.alg, token.signing_input, token.signature)) {
            return reason::ok;
        }
        if (++tried == max_tried_keys) {
            break;
        }
    }
    if (tried != 0) {
        return reason::signature_invalid;
    }
    // The key that the token means is there, but not for this algorithm.
    return known ? reason::algorithm_not_allowed : reason::key_not_found;
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

reason check_issuer(const verification_rules& rules, const json::object& claims) {
    if (!rules.issuer) {
        return reason::ok;
    }
    const json::value* issuer = claims.if_contains("iss");
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

reason check_required(const required_claim& required, const json::object& claims) {
    const json::value* claim = find_claim(claims, required.path);
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

/// What does not depend on time, in the order in which it is reported.
reason judge_claims(const verification_rules& rules, const verified_token& token, const std::optional<std::string>& type,
                    const std::vector<std::string>& audience) {
    const json::object& claims = token.who.claims;
    for (const reason verdict : {check_issuer(rules, claims), check_audience(rules, audience), check_type(rules, type)}) {
        if (verdict != reason::ok) {
            return verdict;
        }
    }
    for (const required_claim& required : rules.required_claims) {
        if (const reason verdict = check_required(required, claims); verdict != reason::ok) {
            return verdict;
        }
    }
    return check_lifetime(rules, token);
}

/// Fills the dates, the identity and `jti`; false when one has a wrong type.
bool read_identity(const verification_rules& rules, const json::object& claims, verified_token& into) {
    const auto expires = read_date(claims, "exp");
    const auto not_before = read_date(claims, "nbf");
    const auto issued_at = read_date(claims, "iat");
    auto user = read_text(find_first_claim(claims, rules.claims.user));
    auto tenant = read_text(find_first_claim(claims, rules.claims.tenant));
    auto roles = read_list(find_first_claim(claims, rules.claims.roles));
    auto scopes = read_list(find_first_claim(claims, rules.claims.scopes));
    auto id = read_text(claims.if_contains("jti"));
    if (!expires || !not_before || !issued_at || !user || !tenant || !roles || !scopes || !id) {
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

std::expected<verified_token_ptr, reason> verify_token(const verification_rules& rules, const jose::key_set& keys, std::string_view token) {
    const auto malformed = std::unexpected(reason::token_malformed);
    if (token.size() > rules.max_token) {
        return malformed;
    }
    const auto parsed = jose::parse_jws(token, rules.algorithms);
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    if (const reason verdict = check_signature(keys, *parsed); verdict != reason::ok) {
        return std::unexpected(verdict);
    }
    auto claims = jose::parse_json_object(parsed->payload);
    if (!claims) {
        return malformed;
    }
    auto result = std::make_shared<verified_token>();
    const auto audience = rules.audiences.empty() ? std::vector<std::string>{} : read_strings(claims->if_contains("aud"));
    if (!read_identity(rules, *claims, *result) || !audience) {
        return malformed;
    }
    result->who.claims = std::move(*claims);
    result->claims_verdict = judge_claims(rules, *result, parsed->type, *audience);
    return result;
}

reason judge_token(const verification_rules& rules, const verified_token& token, time_point now) noexcept {
    if (!token.expires && rules.require_expiry) {
        return reason::claim_missing;
    }
    if (token.expires && now >= later(*token.expires, rules.clock_skew)) {
        return reason::token_expired;
    }
    const time_point latest = later(now, rules.clock_skew);
    if ((token.not_before && latest < *token.not_before) || (token.issued_at && latest < *token.issued_at)) {
        return reason::token_not_yet_valid;
    }
    if (token.claims_verdict != reason::ok) {
        return token.claims_verdict;
    }
    return token.bound ? reason::binding_unverified : reason::ok;
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
