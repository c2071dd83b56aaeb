#include "policies/lapse.hpp"

namespace bearward::policies {

std::optional<refusal> find_lapse(const permit& leave, const snapshot& rules, const outside& around) {
    if (leave.expires() && *leave.expires() <= around.now()) {
        return refusal(reason::token_expired, "the token expired before the upstream answered");
    }
    return find_revocation(leave.tokens(), rules, around);
}

} // namespace bearward::policies
