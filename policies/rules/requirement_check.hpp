// Whether an identity meets a requirement: a pure predicate over the identity and what
// operands stand for in the request.
#pragma once

#include "policies/identity.hpp"
#include "policies/reason.hpp"
#include "policies/rules/operand.hpp"
#include "policies/rules/requirement.hpp"
#include "policies/truth.hpp"

#include <string>
#include <string_view>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::rules {

/// What a requirement comes to for an identity and a request.
struct requirement_verdict {
    /// ok, or the first unmet in the order tenant, roles, scopes, claims; inside
    /// any/all/not and named policies policy_denied. step_up_required where nothing else
    /// is unmet, in `all` and named policies too.
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
