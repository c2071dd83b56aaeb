// What is known of a token once its form and its signature hold.
#pragma once

#include "policies/clock.hpp"
#include "policies/identity.hpp"
#include "policies/reason.hpp"
#include "policies/tokens/confirmation.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bearward::policies::tokens {

/// A token whose form and signature hold. Immutable; may be cached under the
/// provider, the rules' generation and the whole token.
struct verified_token {
    identity who;
    std::optional<time_point> expires;
    std::optional<time_point> not_before;
    std::optional<time_point> issued_at;
    std::string id;        ///< `jti`; empty when absent
    std::string session;   ///< `sid`; empty when absent
    std::string subject{}; ///< `sub` where it is a number, as text: a text is read where it stands
    confirmation bound_to; ///< `cnf`
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

} // namespace bearward::policies::tokens
