// Why a credential is refused: the code for everybody, and the cause for whoever
// reads the log.
#pragma once

#include "policies/reason.hpp"

#include <string>
#include <utility>

namespace bearward::policies {

struct refusal {
    refusal(reason code, std::string what = {}) : why(code), cause(std::move(what)) {} // NOLINT: a reason is a refusal without words

    reason why;
    std::string cause; ///< what exactly; never a token or secret (text.hpp); empty: `why` says all
    /// Of a token: none of the provider's keys is the one that it means, or was tried
    /// because it named none. Another key of the issuer could verify it.
    bool by_other_keys = false;

    friend bool operator==(const refusal& left, reason right) noexcept { return left.why == right; }
};

} // namespace bearward::policies
