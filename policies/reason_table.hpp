// One row a reason: its word, what it is about, and what the client gets (policies/BEHAVIOUR.md 14,
// "Answers"). To add a reason is to add its enumerator and its row.
#pragma once

#include "policies/answer.hpp"
#include "policies/close_code.hpp"
#include "policies/reason.hpp"
#include "policies/word_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bearward::policies {

/// What a reason is about.
enum class reason_class : std::uint8_t {
    forwarded,
    credential,  ///< none, more than one, or refused
    requirement, ///< not met
    handshake,   ///< a WebSocket's
    rate,        ///< too many requests
    request,     ///< nothing is there to answer it, or it is malformed or too large
    own_trouble, ///< what would judge the credential can't be had
    upstream,    ///< the upstream is to blame
};

struct reason_row {
    reason value;
    std::string_view word;
    reason_class about;
    policies::answer answer;
};

namespace detail {

consteval answer plain(unsigned status, std::string_view detail, std::uint16_t close_code = close_code::none) {
    return {.status = status, .detail = detail, .close_code = close_code};
}

consteval answer challenge(unsigned status, std::string_view detail, std::string_view error, std::string_view description = {}) {
    return {.status = status,
            .detail = detail,
            .challenge = true,
            .error = error,
            .error_description = description,
            .close_code = close_code::policy_violation};
}

inline constexpr answer pass = plain(200, {});
inline constexpr answer no_credential = challenge(401, "Not authenticated", {});
inline constexpr answer many_credentials = challenge(400, "More than one credential", "invalid_request");
inline constexpr answer invalid_token = challenge(401, "Could not validate credentials", "invalid_token", "The token is not valid");
inline constexpr answer expired_token = challenge(401, "Token has expired", "invalid_token", "The token has expired");
inline constexpr answer not_enough = challenge(403, "Not enough permissions", "insufficient_scope");
inline constexpr answer weak_login = challenge(401, "Stronger authentication is needed", "insufficient_user_authentication");
inline constexpr answer not_allowed = plain(403, "Not allowed", close_code::policy_violation);
inline constexpr answer too_many = plain(429, "Too Many Requests", close_code::try_again_later);
inline constexpr answer no_authentication = plain(503, "Authentication is unavailable");
inline constexpr answer bad_gateway = plain(502, "Bad Gateway");
inline constexpr answer gateway_timeout = plain(504, "Gateway Timeout");

} // namespace detail

inline constexpr auto reason_table = std::to_array<reason_row>({
    {reason::ok, "ok", reason_class::forwarded, detail::pass},
    {reason::anonymous, "anonymous", reason_class::forwarded, detail::pass},
    {reason::public_route, "public", reason_class::forwarded, detail::pass},
    {reason::token_missing, "token_missing", reason_class::credential, detail::no_credential},
    {reason::token_multiple, "token_multiple", reason_class::credential, detail::many_credentials},
    {reason::token_malformed, "token_malformed", reason_class::credential, detail::invalid_token},
    {reason::algorithm_not_allowed, "algorithm_not_allowed", reason_class::credential, detail::invalid_token},
    {reason::key_not_found, "key_not_found", reason_class::credential, detail::invalid_token},
    {reason::signature_invalid, "signature_invalid", reason_class::credential, detail::invalid_token},
    {reason::binding_unverified, "binding_unverified", reason_class::credential, detail::invalid_token},
    {reason::token_expired, "token_expired", reason_class::credential, detail::expired_token},
    {reason::token_not_yet_valid, "token_not_yet_valid", reason_class::credential, detail::invalid_token},
    {reason::issuer_mismatch, "issuer_mismatch", reason_class::credential, detail::invalid_token},
    {reason::audience_mismatch, "audience_mismatch", reason_class::credential, detail::invalid_token},
    {reason::type_mismatch, "type_mismatch", reason_class::credential, detail::invalid_token},
    {reason::claim_missing, "claim_missing", reason_class::credential, detail::invalid_token},
    {reason::claim_mismatch, "claim_mismatch", reason_class::credential, detail::invalid_token},
    {reason::lifetime_too_long, "lifetime_too_long", reason_class::credential, detail::invalid_token},
    {reason::token_inactive, "token_inactive", reason_class::credential, detail::invalid_token},
    {reason::token_revoked, "token_revoked", reason_class::credential, detail::invalid_token},
    {reason::api_key_unknown, "api_key_unknown", reason_class::credential, detail::invalid_token},
    {reason::api_key_expired, "api_key_expired", reason_class::credential, detail::invalid_token},
    {reason::step_up_required, "step_up_required", reason_class::requirement, detail::weak_login},
    {reason::role_missing, "role_missing", reason_class::requirement, detail::not_enough},
    {reason::scope_missing, "scope_missing", reason_class::requirement, detail::not_enough},
    {reason::tenant_mismatch, "tenant_mismatch", reason_class::requirement, detail::not_enough},
    {reason::claim_denied, "claim_denied", reason_class::requirement, detail::not_enough},
    {reason::policy_denied, "policy_denied", reason_class::requirement, detail::not_enough},
    {reason::origin_denied, "origin_denied", reason_class::handshake, detail::not_allowed},
    {reason::websocket_denied, "websocket_denied", reason_class::handshake, detail::not_allowed},
    {reason::rate_limited, "rate_limited", reason_class::rate, detail::too_many},
    {reason::no_route, "no_route", reason_class::request, detail::plain(404, "Not Found")},
    {reason::method_not_allowed, "method_not_allowed", reason_class::request, detail::plain(405, "Method Not Allowed")},
    {reason::bad_request, "bad_request", reason_class::request, detail::plain(400, {})},
    {reason::limit_exceeded, "limit_exceeded", reason_class::request, detail::plain(413, {})},
    {reason::keys_unavailable, "keys_unavailable", reason_class::own_trouble, detail::no_authentication},
    {reason::introspection_unavailable, "introspection_unavailable", reason_class::own_trouble, detail::no_authentication},
    {reason::revocation_unavailable, "revocation_unavailable", reason_class::own_trouble, detail::no_authentication},
    {reason::upstream_unavailable, "upstream_unavailable", reason_class::upstream, detail::bad_gateway},
    {reason::upstream_timeout, "upstream_timeout", reason_class::upstream, detail::gateway_timeout},
    {reason::upstream_error, "upstream_error", reason_class::upstream, detail::bad_gateway},
});

static_assert(is_word_table(reason_table), "a row for each reason, in the enumerators' order, each with a word of its own");

/// For arrays indexed by reason.
inline constexpr std::size_t reason_count = reason_table.size();

[[nodiscard]] constexpr reason_class class_of(reason why) noexcept {
    return row_of(reason_table, why).about;
}

/// The usual answer of a reason. Denials for `websocket: off` stay HTTP: such a
/// route has no reject_with.
[[nodiscard]] constexpr const answer& answer_for(reason why) noexcept {
    return row_of(reason_table, why).answer;
}

/// The reasons of a class, in their order.
template <reason_class About>
[[nodiscard]] consteval auto reasons_about() {
    std::array<reason, std::ranges::count(reason_table, About, &reason_row::about)> found{};
    std::size_t next = 0;
    for (const reason_row& each : reason_table) {
        if (each.about == About) {
            found[next++] = each.value;
        }
    }
    return found;
}

} // namespace bearward::policies
