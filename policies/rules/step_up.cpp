#include "policies/rules/step_up.hpp"

#include "policies/tokens/claim_comparison.hpp"
#include "policies/tokens/claims.hpp"

#include <algorithm>

namespace bearward::policies::rules {
namespace {

void gather(const requirement& from, step_up& into) {
    if (into.acr_values.empty()) {
        for (const std::string& each : from.acr) {
            into.acr_values.append(into.acr_values.empty() ? "" : " ").append(each);
        }
    }
    if (from.max_age) {
        into.max_age = std::min(into.max_age.value_or(*from.max_age), *from.max_age);
    }
    for (const auto* parts : {&from.all, &from.policy_requirements}) {
        for (const requirement& each : *parts) {
            gather(each, into);
        }
    }
}

} // namespace

truth check_acr(const requirement& required, const identity& who) {
    const boost::json::value* const claim = who.claims.if_contains("acr");
    truth best = truth::no;
    for (const std::string& each : required.acr) {
        best = std::max(best, tokens::compare_claim(claim, each));
    }
    return best;
}

truth check_max_age(const requirement& required, const identity& who, time_point now, std::chrono::milliseconds clock_skew) {
    const auto logged_in = tokens::read_date(who.claims, "auth_time");
    if (!logged_in) {
        return truth::unknown;
    }
    const bool there = *logged_in && **logged_in <= now + clock_skew;
    return to_truth(there && now - **logged_in <= *required.max_age + clock_skew);
}

step_up find_step_up(const requirement& required) {
    step_up found;
    gather(required, found);
    return found;
}

} // namespace bearward::policies::rules
