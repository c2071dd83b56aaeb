// Verifies a JSON Web Token (RFC 7519) as RFC 8725 and policies/BEHAVIOUR.md 7 say: strict
// form, allowed algorithm, fitting key, signature, and only then the claims.
// Split in two so that the expensive half can be cached: verify_token does what
// does not depend on time, judge_token what does.
#pragma once

#include "policies/clock.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/reason.hpp"
#include "policies/refusal.hpp"
#include "policies/tokens/binding_check.hpp"
#include "policies/tokens/verification_rules.hpp"
#include "policies/tokens/verified_token.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::tokens {

/// Form and algorithm, which need no key. Errors as of verify_token.
[[nodiscard]] std::expected<jose::jws, refusal> parse_token(const verification_rules& rules, std::string_view token,
                                                            explanation* observer = nullptr);

/// Form, algorithm, key, signature; reads the claims. Errors, in order of the
/// checks: token_malformed, algorithm_not_allowed, key_not_found,
/// signature_invalid, token_malformed (claims of a form that can't be read), each with its
/// cause. `observer`, if given, gets each check.
[[nodiscard]] std::expected<verified_token_ptr, refusal> verify_token(const verification_rules& rules, const jose::key_set& keys,
                                                                      std::string_view token, explanation* observer = nullptr);

/// What a revocation may name the token by. Views into it.
[[nodiscard]] revocation_facts facts_of(const verified_token& token) noexcept;

/// token_revoked with the entry of the provider's list that revokes the token; nothing: none does.
[[nodiscard]] std::optional<refusal> find_revocation(const verification_rules& rules, const verified_token& token, time_point now);

/// exp (valid while now < exp + clock_skew), nbf, iat not in the future, then
/// claims_verdict, then `revoked`, then binding. reason::ok, or why not: the first refusal.
/// `revoked`: what was found of the token's revocation. `observer`, if given, sees each check.
/// `binding` judges for a request; null: there is none, and a token that needs one is refused.
[[nodiscard]] reason judge_token(const verification_rules& rules, const verified_token& token, time_point now,
                                 const std::optional<refusal>& revoked, explanation* observer = nullptr, binding_check* binding = nullptr);

/// What exactly made judge_token refuse the token for `why`; of its binding, what a request would have to prove.
[[nodiscard]] std::string judgement_cause(const verification_rules& rules, const verified_token& token, time_point now,
                                          const std::optional<refusal>& revoked, reason why);

/// Whether an issuer is one of the provider's, as far as that can be seen without
/// the token's other claims; a literal one goes before a template.
enum class issuer_fit : std::uint8_t { none, as_template, literal };
[[nodiscard]] issuer_fit fit_issuer(const verification_rules& rules, std::string_view issuer) noexcept;

/// The unverified `iss` of a token in JWS form, for choosing a provider only;
/// nothing when it has none or can't be read.
[[nodiscard]] std::optional<std::string> peek_issuer(std::string_view token);

} // namespace bearward::policies::tokens
