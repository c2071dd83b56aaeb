// What an identity must satisfy on a route (`require`): a pure predicate over an
// identity and the route's captures.
#pragma once

#include "policies/identity.hpp"
#include "policies/reason.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::rules {

/// A path capture, percent-decoded.
struct capture {
    std::string_view name;
    std::string value;
};

/// A value to compare with: literal text, or the value of a capture.
struct operand {
    std::string text;        ///< the literal, or the capture's name
    bool is_capture = false; ///< written as "{name}"
};

/// One `claims` entry of a requirement.
struct claim_predicate {
    tokens::claim_path path;
    bool present_only = false;
    std::vector<boost::json::value> values; ///< any of them
    std::optional<operand> from_capture;    ///< "{capture}"
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

/// reason::ok, or the first unmet in the order tenant, roles, scopes, claims;
/// inside any/all/not and named policies policy_denied. An absent or empty claim
/// matches nothing. `observer`, if given, is told each entry.
[[nodiscard]] reason check_requirement(const requirement& required, const identity& who, std::span<const capture> captures,
                                       explanation* observer = nullptr);

/// The scopes that would have to be added, space-separated, for WWW-Authenticate
/// (RFC 6750 section 3); empty when none are missing.
[[nodiscard]] std::string missing_scopes(const requirement& required, const identity& who);

} // namespace bearward::policies::rules
