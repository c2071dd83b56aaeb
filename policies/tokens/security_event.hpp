// A security event token (RFC 8417) of the Shared Signals Framework 1.0: the issuer says that a
// session was revoked or claims changed (CAEP 1.0), or that an account is disabled (RISC 1.0).
#pragma once

#include "policies/reason.hpp"
#include "policies/tokens/event_claims.hpp"
#include "policies/tokens/issuer_pattern.hpp"
#include "policies/tokens/signed_claims.hpp"

#include <expected>
#include <span>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {

/// Judges claims whose signature holds. `rules`: the names of who tells, the audiences that are
/// asked for, clock_skew, and whose provider it is; `issuers`: of that provider's tokens. An event or
/// a subject that we don't act on revokes nothing, and `about` says so. Error: what is wrong first;
/// type_mismatch for what is another kind of token.
[[nodiscard]] std::expected<issuer_notice, refusal> judge_security_event(const verification_rules& rules,
                                                                         const std::vector<issuer_pattern>& issuers,
                                                                         const signed_claims& token, time_point now);

/// The word of RFC 8935 section 2.4 for a refusal, and a sentence.
struct event_error {
    std::string_view word;
    std::string_view description;
};
[[nodiscard]] event_error event_error_of(reason why) noexcept;

} // namespace bearward::policies::tokens
