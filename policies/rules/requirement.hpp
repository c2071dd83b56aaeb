// What an identity must satisfy on a route (`require`): a pure predicate over an
// identity and what operands stand for in the request.
#pragma once

#include "policies/identity.hpp"
#include "policies/reason.hpp"
#include "policies/rules/operand.hpp"
#include "policies/tokens/claim_path.hpp"
#include "policies/truth.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::rules {

/// One `claims` entry of a requirement: the claim is accepted, or equals an operand.
struct claim_predicate {
    tokens::claim_path path;
    bool present_only = false;
    std::vector<boost::json::value> values{}; ///< any of them
    std::vector<operand> operands{};          ///< or any of these
    std::optional<std::string> pattern{};     ///< `matches`
};

/// All entries must hold; an empty requirement holds for every identity.
struct requirement {
    std::vector<std::string> roles; ///< any of them
    std::vector<std::string> all_roles;
    std::vector<std::string> scopes; ///< any of them
    std::vector<std::string> all_scopes;
    std::optional<operand> tenant;
    std::vector<claim_predicate> claims;
    std::vector<requirement> any; ///< at least one, when not empty
    std::vector<requirement> all;
    std::vector<requirement> none;     ///< `not`: must not hold
    std::vector<std::string> policies; ///< names, for messages; resolved into `policy_requirements`
    std::vector<requirement> policy_requirements;

    [[nodiscard]] bool empty() const noexcept;
};

/// What a requirement comes to for an identity and a request.
struct requirement_verdict {
    /// ok, or the first unmet in the order tenant, roles, scopes, claims; inside
    /// any/all/not and named policies policy_denied.
    reason why = reason::ok;
    /// Unknown where an operand or a claim is that could decide: such a requirement is
    /// not met, and `not` of it isn't either.
    truth holds = truth::yes;
    /// Of several tenants the one that the requirement asked for, a view into the
    /// identity; empty: none, or more than one.
    std::string_view tenant{};
};

/// An absent or empty claim equals nothing. `observer`, if given, gets each entry.
[[nodiscard]] requirement_verdict check_requirement(const requirement& required, const identity& who, const operand_values& values,
                                                    explanation* observer = nullptr);

/// The scopes that would have to be added, space-separated, for WWW-Authenticate
/// (RFC 6750 section 3); empty when none are missing.
[[nodiscard]] std::string missing_scopes(const requirement& required, const identity& who);

} // namespace bearward::policies::rules
