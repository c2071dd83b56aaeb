// The tokens that a permit stands on. What it lets through may outlive the decision (an open
// WebSocket, an answer that is still running): then they are asked for again.
#pragma once

#include "policies/refusal.hpp"
#include "policies/tokens/verified_token.hpp"

#include <optional>
#include <vector>

namespace bearward::policies {

class outside;
struct snapshot;

struct presented_tokens {
    tokens::verified_token_ptr token{};               ///< null: none
    std::vector<tokens::verified_token_ptr> others{}; ///< that other routes which the request reaches asked for

    [[nodiscard]] bool empty() const noexcept { return token == nullptr && others.empty(); }
};

/// Why one of the tokens is revoked by now (policies/BEHAVIOUR.md 26); nothing: none is. `rules`: the present
/// ones, in which providers are found by name. That revocations can't be had revokes nothing.
[[nodiscard]] std::optional<refusal> find_revocation(const presented_tokens& of, const snapshot& rules, const outside& around);

} // namespace bearward::policies
