// The reasons, in the order of reason_table.hpp, which has all that depends on one.
// The same words stand in the access log, the metrics, `explain`, policy tests and
// exposed error bodies.
#pragma once

#include <cstdint>
#include <string_view>

namespace bearward::policies {

/// Why a request was forwarded or refused.
enum class reason : std::uint8_t {
    ok,
    anonymous,
    public_route,
    token_missing,
    token_multiple,
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
    step_up_required,
    role_missing,
    scope_missing,
    tenant_mismatch,
    claim_denied,
    policy_denied,
    origin_denied,
    websocket_denied,
    rate_limited,
    no_route,
    method_not_allowed,
    bad_request,
    limit_exceeded,
    keys_unavailable,
    introspection_unavailable,
    revocation_unavailable,
    upstream_unavailable,
    upstream_timeout,
    upstream_error,
};

/// The word of a reason, e.g. "tenant_mismatch"; "public" for public_route. Defined with
/// the table.
[[nodiscard]] std::string_view to_string(reason why) noexcept;

} // namespace bearward::policies
