// Whether a request proves what its token is bound to.
#pragma once

#include "policies/refusal.hpp"
#include "policies/tokens/verification_rules.hpp"
#include "policies/tokens/verified_token.hpp"

#include <optional>

namespace bearward::policies::tokens {

/// Asked by judge_token, last of all and of tokens alone that nothing else refuses: it may use up a proof.
class binding_check {
public:
    /// binding_unverified with its cause; nothing: the binding holds, or there is none and none is needed.
    [[nodiscard]] virtual std::optional<refusal> judge(const verification_rules& rules, const verified_token& token) = 0;

protected:
    binding_check() = default;
    binding_check(const binding_check&) = default;
    binding_check& operator=(const binding_check&) = default;
    ~binding_check() = default;
};

} // namespace bearward::policies::tokens
