#include "policies/tokens/logout_token.hpp"

#include "policies/date_text.hpp"
#include "policies/text.hpp"
#include "policies/tokens/issuer_names.hpp"

#include <utility>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

constexpr std::string_view logout_event = "http://schemas.openid.net/event/backchannel-logout";

bool is_there(const json::object& claims, std::string_view name) {
    const json::value* const found = claims.if_contains(name);
    return found != nullptr && !found->is_null();
}

/// What tells it from every other kind of token of the same issuer (section 2.4): an ID token has a
/// nonce and no such event, an access token has another type or no such event.
std::optional<refusal> check_kind(const signed_claims& token) {
    if (token.type && !is_type(*token.type, "logout+jwt") && !is_type(*token.type, "JWT")) {
        return refusal(reason::type_mismatch, "typ is " + in_quotes(*token.type));
    }
    const json::value* const events = token.claims.if_contains("events");
    const json::object* const all = events != nullptr ? events->if_object() : nullptr;
    const json::value* const logout = all != nullptr ? all->if_contains(logout_event) : nullptr;
    if (logout == nullptr || !logout->is_object()) {
        return refusal(reason::type_mismatch, "events has no object named " + std::string(logout_event));
    }
    return is_there(token.claims, "nonce") ? std::optional(refusal(reason::type_mismatch, "it has a nonce")) : std::nullopt;
}

} // namespace

std::expected<issuer_notice, refusal> judge_logout_token(const verification_rules& rules, const signed_claims& token, time_point now) {
    if (auto wrong = check_kind(token)) {
        return std::unexpected(*std::move(wrong));
    }
    auto said = check_event_claims(rules, token.claims, now);
    if (!said) {
        return std::unexpected(std::move(said).error());
    }
    if (!is_there(token.claims, "exp")) {
        return std::unexpected(refusal(reason::claim_missing, "no exp"));
    }
    if (now - said->issued_at > longest_logout_age) {
        return std::unexpected(refusal(reason::token_expired, "iat " + to_rfc3339(said->issued_at) + ", now " + to_rfc3339(now)));
    }
    auto session = read_event_text(token.claims, "sid");
    auto subject = read_event_text(token.claims, "sub");
    if (!session || !subject) {
        return std::unexpected(session ? std::move(subject).error() : std::move(session).error());
    }
    if (!*session && !*subject) {
        return std::unexpected(refusal(reason::claim_missing, "neither sub nor sid"));
    }
    issuer_notice made{.issuer = said->issuer, .id = std::move(said->id), .issued_at = said->issued_at, .entries = {}, .about = "logout"};
    const revocation_name what = *session ? revocation_name{revocation_kind::sid, **std::move(session)}
                                          : revocation_name{revocation_kind::sub, **std::move(subject)};
    for (std::string& issuer : find_issuer_names(rules.issuers, said->issuer, token.claims)) {
        made.entries.push_back({.what = what, .provider = rules.provider, .before = made.issued_at, .issuer = std::move(issuer)});
    }
    return made;
}

} // namespace bearward::policies::tokens
