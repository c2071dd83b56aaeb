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

/// A dotted path into claims, split: "realm_access.roles" -> {"realm_access", "roles"}.
using claim_path = std::vector<std::string>;

/// Where identities are read from claims; of each list the first path present counts.
struct claim_mapping {
    std::vector<claim_path> user{{"sub"}};
    std::vector<claim_path> tenant{{"tid"}};
    std::vector<claim_path> roles{{"roles"}};
    std::vector<claim_path> scopes{{"scope"}, {"scp"}};
};

/// One entry of `required_claims`: present, or equal to one of the values. A
/// claim that is an array holds each of its values.
struct required_claim {
    claim_path path;
    bool present_only = false;
    std::vector<boost::json::value> values;
};

/// The rules of one provider of type jwt.
struct verification_rules {
    std::string provider;
    std::optional<std::string> issuer;
    std::vector<std::string> audiences; ///< empty: `aud` is not looked at
    std::vector<jose::algorithm> algorithms;
    std::chrono::milliseconds clock_skew{30'000};
    bool require_expiry = true;
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
    std::string id;     ///< `jti`; empty when absent
    bool bound = false; ///< has `cnf`
    /// What the claims that do not depend on time come to (iss, aud, typ,
    /// required claims, lifetime): reason::ok or the first refusal. Reported by
    /// judge_token after the dates.
    reason claims_verdict = reason::ok;
};

using verified_token_ptr = std::shared_ptr<const verified_token>;

/// Form, algorithm, key, signature; reads the claims. Errors, in order of the
/// checks: token_malformed, algorithm_not_allowed, key_not_found,
/// signature_invalid, token_malformed (claims of a wrong type). `observer`, if
/// given, is told each check.
[[nodiscard]] std::expected<verified_token_ptr, reason> verify_token(const verification_rules& rules, const jose::key_set& keys,
                                                                     std::string_view token, explanation* observer = nullptr);

/// exp (valid while now < exp + clock_skew), nbf, iat not in the future, then
/// claims_verdict, then revocation, then binding. reason::ok, or why not: the first refusal.
/// `observer`, if given, is told each check.
[[nodiscard]] reason judge_token(const verification_rules& rules, const verified_token& token, time_point now,
                                 explanation* observer = nullptr);

/// The unverified `iss` of a token in JWS form, for choosing a provider only;
/// nothing when it has none or can't be read.
[[nodiscard]] std::optional<std::string> peek_issuer(std::string_view token);

} // namespace bearward::policies::tokens
