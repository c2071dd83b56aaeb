// Verifies a JSON Web Token (RFC 7519) as contract and RFC 8725 demand: strict
// form, allowed algorithm, fitting key, signature, and only then the claims.
// Split in two so that the expensive half can be cached: verify_token does what
// does not depend on time, judge_token what does.
#pragma once

#include "policies/clock.hpp"
#include "policies/identity.hpp"
#include "policies/jose/algorithm.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/reason.hpp"
#include "policies/refusal.hpp"
#include "policies/tokens/claim_source.hpp"
#include "policies/tokens/issuer_pattern.hpp"
#include "policies/tokens/revocation_list.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::tokens {

/// One entry of `required_claims`.
struct required_claim {
    claim_path path;
    bool present_only = false;
    std::vector<boost::json::value> values{}; ///< any of them
    std::optional<std::string> pattern{};     ///< `matches`
};

/// The rules of one provider of type jwt.
struct verification_rules {
    std::string provider;
    std::vector<issuer_pattern> issuers; ///< names of one issuer; empty: `iss` is not looked at
    std::vector<std::string> audiences;  ///< empty: `aud` is not looked at
    std::vector<jose::algorithm> algorithms;
    std::chrono::milliseconds clock_skew{30'000};
    bool require_expiry = true;
    bool require_user = false; ///< a token that names none is refused
    std::optional<std::chrono::milliseconds> max_lifetime;
    std::vector<std::string> types{"JWT", "at+jwt"}; ///< accepted `typ`, case-insensitive, "application/" ignored
    bool require_type = false;
    claim_mapping claims;
    std::vector<required_claim> required_claims;
    revocation_list revoked;
    std::size_t max_token = std::size_t{16} * 1024; ///< bytes; a longer token is malformed
};

/// A token whose form and signature hold. Immutable; may be cached under the
/// provider, the rules' generation and the whole token.
struct verified_token {
    identity who;
    std::optional<time_point> expires;
    std::optional<time_point> not_before;
    std::optional<time_point> issued_at;
    std::string id;      ///< `jti`; empty when absent
    std::string session; ///< `sid`; empty when absent
    bool bound = false;  ///< has `cnf`
    /// Of a tenant claim that can't be read as a whole (who.unknown.tenant): a
    /// revocation of one of these hits.
    std::vector<std::string> readable_tenants{};
    /// What the claims that do not depend on time come to (iss, aud, typ,
    /// required claims, lifetime): reason::ok or the first refusal. Reported by
    /// judge_token after the dates.
    reason claims_verdict = reason::ok;
    std::string claims_cause; ///< of a claims_verdict other than ok
};

using verified_token_ptr = std::shared_ptr<const verified_token>;

/// Form, algorithm, key, signature; reads the claims. Errors, in order of the
/// checks: token_malformed, algorithm_not_allowed, key_not_found,
/// signature_invalid, token_malformed (claims of a form that can't be read), each with its
/// cause. `observer`, if given, gets each check.
[[nodiscard]] std::expected<verified_token_ptr, refusal> verify_token(const verification_rules& rules, const jose::key_set& keys,
                                                                      std::string_view token, explanation* observer = nullptr);

/// exp (valid while now < exp + clock_skew), nbf, iat not in the future, then
/// claims_verdict, then revocation, then binding. reason::ok, or why not: the first refusal.
/// `observer`, if given, sees each check.
[[nodiscard]] reason judge_token(const verification_rules& rules, const verified_token& token, time_point now,
                                 explanation* observer = nullptr);

/// What exactly made judge_token refuse the token for `why`.
[[nodiscard]] std::string judgement_cause(const verification_rules& rules, const verified_token& token, time_point now, reason why);

/// Whether an issuer is one of the provider's, as far as that can be seen without
/// the token's other claims; a literal one goes before a template.
enum class issuer_fit : std::uint8_t { none, as_template, literal };
[[nodiscard]] issuer_fit fit_issuer(const verification_rules& rules, std::string_view issuer) noexcept;

/// The unverified `iss` of a token in JWS form, for choosing a provider only;
/// nothing when it has none or can't be read.
[[nodiscard]] std::optional<std::string> peek_issuer(std::string_view token);

} // namespace bearward::policies::tokens
