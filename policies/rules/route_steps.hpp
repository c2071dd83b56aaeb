// How the choice of a route is reported to an observer. Nothing here decides. Internal
// to rules.
#pragma once

#include "policies/explanation.hpp"
#include "policies/rules/route.hpp"

namespace bearward::policies::rules {

/// What of a route whose path fits a request fits too.
struct candidate_fit {
    bool host = false;
    bool listener = false;
    bool method = false;
    bool owner = false; ///< of the most specific path that fits
    bool chosen = false;
};

[[nodiscard]] step candidate_step(const route& candidate, const candidate_fit& fit);

} // namespace bearward::policies::rules
