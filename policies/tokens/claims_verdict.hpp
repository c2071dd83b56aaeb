// What a token's claims come to as far as they do not depend on time: issuer,
// audience, type, required claims, user, lifetime.
#pragma once

#include "policies/reason.hpp"
#include "policies/tokens/verification_rules.hpp"
#include "policies/tokens/verified_token.hpp"

#include <optional>
#include <string>
#include <vector>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::tokens {

/// The first refusal in the order in which they are reported; its cause goes to
/// `token.claims_cause`. `observer`, if given, gets every check, also after the first
/// refusal.
[[nodiscard]] reason judge_claims(const verification_rules& rules, verified_token& token, const std::optional<std::string>& type,
                                  const std::vector<std::string>& audience, explanation* observer);

} // namespace bearward::policies::tokens
