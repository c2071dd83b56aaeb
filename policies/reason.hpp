// The one list of reason codes. The same words stand in the access log, the
// metrics, `explain`, policy tests and exposed error bodies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bearward::policies {

/// Why a request was forwarded or refused.
enum class reason : std::uint8_t {
    // forwarded
    ok,
    anonymous,
    public_route,
    // credential: none, or more than one
    token_missing,
    token_multiple,
    // credential: refused
    token_malformed,
    algorithm_not_allowed,
    key_not_found,
    signature_invalid,
    binding_unverified,
    token_expired,
    token_not_yet_valid,
    issuer_mismatch,
    audience_mismatch,
    type_mismatch,
    claim_missing,
    claim_mismatch,
    lifetime_too_long,
    token_inactive,
    token_revoked,
    api_key_unknown,
    api_key_expired,
    // requirement not met
    role_missing,
    scope_missing,
    tenant_mismatch,
    claim_denied,
    policy_denied,
    // handshake
    origin_denied,
    websocket_denied,
    // the rest
    rate_limited,
    no_route,
    method_not_allowed,
    bad_request,
    limit_exceeded,
    keys_unavailable,
    introspection_unavailable,
    upstream_unavailable,
    upstream_timeout,
    upstream_error,
};

/// How many reasons there are; for tables indexed by reason.
inline constexpr std::size_t reason_count = static_cast<std::size_t>(reason::upstream_error) + 1;

/// The word of a reason, e.g. "tenant_mismatch"; "public" for public_route.
[[nodiscard]] std::string_view to_string(reason why) noexcept;

/// The reason of a word; nothing for an unknown word. Inverse of to_string.
[[nodiscard]] std::optional<reason> parse_reason(std::string_view word) noexcept;

} // namespace bearward::policies
