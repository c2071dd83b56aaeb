// What an identity must satisfy on a route (`require`).
#pragma once

#include "policies/rules/operand.hpp"
#include "policies/tokens/claim_path.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

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
    std::vector<std::string> acr;                ///< any of them (RFC 9470)
    std::optional<std::chrono::seconds> max_age; ///< of the login
    std::vector<requirement> any;                ///< at least one, when not empty
    std::vector<requirement> all;
    std::vector<requirement> none;     ///< `not`: must not hold
    std::vector<std::string> policies; ///< names, for messages; resolved into `policy_requirements`
    std::vector<requirement> policy_requirements;

    [[nodiscard]] bool empty() const noexcept;
};

} // namespace bearward::policies::rules
