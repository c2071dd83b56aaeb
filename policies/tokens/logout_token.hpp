// A logout token (OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6): the issuer says
// that a session, or all of a user's, has ended.
#pragma once

#include "policies/tokens/event_claims.hpp"
#include "policies/tokens/signed_claims.hpp"

#include <chrono>
#include <expected>

namespace bearward::policies::tokens {

/// How old one may be that counts: nobody keeps one to use it later.
inline constexpr std::chrono::minutes longest_logout_age{5};

/// Judges claims whose signature holds. `rules`: the issuer's names, the audience that is asked for,
/// clock_skew, and whose provider it is. Whether it came before is not looked at. Error: what is
/// wrong first; type_mismatch for what is another kind of token.
[[nodiscard]] std::expected<issuer_notice, refusal> judge_logout_token(const verification_rules& rules, const signed_claims& token,
                                                                       time_point now);

} // namespace bearward::policies::tokens
