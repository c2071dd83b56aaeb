#include "policies/rules/requirement.hpp"

namespace bearward::policies::rules {

bool requirement::empty() const noexcept {
    return roles.empty() && all_roles.empty() && scopes.empty() && all_scopes.empty() && !tenant && claims.empty() && acr.empty() &&
           !max_age && any.empty() && all.empty() && none.empty() && policies.empty() && policy_requirements.empty();
}

} // namespace bearward::policies::rules
