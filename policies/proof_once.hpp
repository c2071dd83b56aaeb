// The one use of a request's DPoP proof.
#pragma once

#include "policies/tokens/proof_memory.hpp"

#include <optional>

namespace bearward::policies {

/// A request may be judged several times: as each route's that an app may take it for, and
/// again after a need. Its proof is used the first time, and that counts for all of them.
struct proof_once {
    std::optional<tokens::proof_use> came_to; ///< nothing: not used yet
};

} // namespace bearward::policies
