// Which key of a provider a token was signed with (policies/BEHAVIOUR.md 8, RFC 7517 section 4.5).
#pragma once

#include "policies/jose/jws.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/refusal.hpp"

#include <optional>

namespace bearward::policies::tokens {

/// Nothing when one of the fitting keys verifies the signature; else key_not_found,
/// algorithm_not_allowed or signature_invalid, with its cause. `observer`, if given,
/// gets each check.
[[nodiscard]] std::optional<refusal> check_signature(const jose::key_set& keys, const jose::jws& token, explanation* observer);

} // namespace bearward::policies::tokens
