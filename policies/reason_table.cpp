#include "policies/reason.hpp"

#include <array>

namespace bearward::policies {
namespace {

constexpr std::array<std::string_view, reason_count> words{
    "ok",
    "anonymous",
    "public",
    "token_missing",
    "token_multiple",
    "token_malformed",
    "algorithm_not_allowed",
    "key_not_found",
    "signature_invalid",
    "binding_unverified",
    "token_expired",
    "token_not_yet_valid",
    "issuer_mismatch",
    "audience_mismatch",
    "type_mismatch",
    "claim_missing",
    "claim_mismatch",
    "lifetime_too_long",
    "token_inactive",
    "token_revoked",
    "api_key_unknown",
    "api_key_expired",
    "role_missing",
    "scope_missing",
    "tenant_mismatch",
    "claim_denied",
    "policy_denied",
    "origin_denied",
    "websocket_denied",
    "rate_limited",
    "no_route",
    "method_not_allowed",
    "bad_request",
    "limit_exceeded",
    "keys_unavailable",
    "introspection_unavailable",
    "upstream_unavailable",
    "upstream_timeout",
    "upstream_error",
};

} // namespace

std::string_view to_string(reason why) noexcept {
    return words[static_cast<std::size_t>(why)];
}

std::optional<reason> parse_reason(std::string_view word) noexcept {
    for (std::size_t index = 0; index < words.size(); ++index) {
        if (words[index] == word) {
            return static_cast<reason>(index);
        }
    }
    return std::nullopt;
}

} // namespace bearward::policies
