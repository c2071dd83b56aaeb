// What becomes of a preflight (policies/BEHAVIOUR.md 19): it is routed by the method that it asks
// about, and its route says who answers it. No credential is looked at.
#include "policies/decider.hpp"

#include "policies/decision_steps.hpp"

#include <utility>
#include <vector>

namespace bearward::policies {

requests::cors_use decider::cors_use() const noexcept {
    using use = requests::cors_use;
    return request_.for_another && route_->cors.use == use::rules ? use::passes : route_->cors.use;
}

std::optional<decision> decider::run_preflight() {
    tell(observer_, [&] { return preflight_step(request_.method); });
    if (auto refused = find_route()) {
        return std::move(*refused);
    }
    tell(observer_, [&] { return handling_step(*route_); });
    const requests::cors_use use = cors_use();
    if (use != requests::cors_use::off && route_->rate) {
        if (auto refused = begin_rate()) {
            return std::move(*refused);
        }
    }
    switch (use) {
    case requests::cors_use::off:
        return std::nullopt;
    case requests::cors_use::rules:
        tell(observer_, [&] { return allowed_origin_step(request_, *route_->cors.rules); });
        return preflight{route_, rate_};
    case requests::cors_use::passes:
        break;
    }
    preflight_ = true;
    return judge_all();
}

permit decider::permit_preflight() const {
    std::vector<requests::credential_names> names;
    names.reserve(rules_.providers.size());
    for (const provider& each : rules_.providers) {
        names.push_back(each.names);
    }
    // Not this route's providers alone: whoever's token it is, nobody has judged it.
    scratch_.query = requests::remove_parameters(request_.query, names, {});
    permit leave;
    leave.why_ = reason::public_route;
    leave.preflight_ = true;
    leave.route_ = route_;
    leave.query_ = leave.credentials_.remaining_query = scratch_.query;
    return leave;
}

} // namespace bearward::policies
