#include "policies/decide.hpp"

#include "policies/decider.hpp"
#include "policies/decision_causes.hpp"
#include "policies/decision_steps.hpp"
#include "policies/path_meanings.hpp"
#include "policies/requests/cors.hpp"
#include "policies/requests/origin.hpp"

#include <utility>

namespace bearward::policies {

decision decider::run() {
    if (auto refused = find_route()) {
        return std::move(*refused);
    }
    if (route_->rate) {
        if (auto refused = begin_rate()) {
            return std::move(*refused);
        }
    }
    return judge_all();
}

decision decider::run_on(const rules::route& on) {
    route_ = &on;
    decision made = judge_route();
    if (const auto* leave = std::get_if<permit>(&made)) {
        leave->check();
    }
    return made;
}

decision decider::judge_all() {
    decision made = judge_route();
    if (auto* leave = std::get_if<permit>(&made); leave != nullptr && may_reach_others()) {
        if (auto instead = judge_guarded(*leave)) {
            made = std::move(*instead);
            if (auto* refused = std::get_if<denial>(&made)) {
                refused->rate = rate_; // the limit is that of the request's own route
            }
        }
    }
    if (auto* leave = std::get_if<permit>(&made)) {
        leave->check();
        // Last, so that what is refused for another reason takes nothing.
        if (route_->rate && route_->rate->per != rules::rate_subject::address) {
            if (auto refused = limit_rate(leave->who())) {
                return std::move(*refused);
            }
        }
        leave->rate_ = rate_;
    }
    return made;
}

std::optional<denial> decider::find_route() {
    rules::route_match match = rules_.routes.find(request_.path.path, request_.host, request_.method, request_.listener, observer_);
    route_ = match.matched;
    if (route_ != nullptr) {
        captures_ = rules::route_table::captures(*route_, request_.path.path);
    }
    const std::string* const other = find_other_meaning(request_, rules_, match, captures_);
    if (other != nullptr || refuses_ambiguous(route_)) {
        route_ = nullptr;
        return deny(tell(observer_, reason::bad_request, [&] { return readings_step(request_.path, other == nullptr); }),
                    readings_cause(request_.path, other));
    }
    const reason unmatched = match.path_found ? reason::method_not_allowed : reason::no_route;
    const reason matched = route_ == nullptr ? unmatched : reason::ok;
    if (tell(observer_, matched, [&] { return route_step(request_, match, captures_); }) == reason::ok) {
        return std::nullopt;
    }
    denial refusal = deny(matched, unmatched_cause(request_, matched));
    refusal.allow = std::move(match.allow);
    return refusal;
}

bool decider::may_reach_others() const noexcept {
    return !request_.path.readings.empty() || rules_.routes.may_be_read_otherwise(request_.path.path);
}

bool decider::refuses_ambiguous(const rules::route* route) const noexcept {
    const auto rule = route != nullptr && route->ambiguous ? *route->ambiguous : rules_.ambiguous;
    return request_.path.ambiguous && rule == requests::ambiguous_paths::reject;
}

std::optional<decision> decider::judge_guarded(permit& leave) {
    guarded_routes found = find_guarded_routes(request_, rules_, *route_, captures_);
    for (reached_route& each : found.routes) {
        tell(observer_, [&] { return guarded_step(each.route, each.captures, rules_.routes); });
        requests::credential_scratch memory;
        decider other(request_, rules_, outside_, on_need_, memory, proof_, observer_);
        if (refuses_ambiguous(each.route)) {
            return other.deny(tell(observer_, reason::bad_request, [&] { return readings_step(request_.path, true); }),
                              readings_cause(request_.path, nullptr));
        }
        other.preflight_ = preflight_;
        other.route_ = each.route;
        other.captures_ = std::move(each.captures);
        decision made = other.judge_limited();
        if (auto* refused = std::get_if<denial>(&made)) {
            refused->cause = guarded_cause(*route_, std::move(refused->cause));
            return made;
        }
        if (std::holds_alternative<need>(made)) {
            return made;
        }
        const bool looked = route_->auth != rules::authentication::none;
        leave.take_over(std::get<permit>(made), looked ? places_of(*route_) : requests::token_places{.header = false},
                        scratch_.rest_of_query);
    }
    if (!found.method_refused) {
        return std::nullopt;
    }
    decider other(request_, rules_, outside_, on_need_, scratch_, proof_, observer_);
    denial refusal = other.deny(reason::method_not_allowed, guarded_cause(*route_, unmatched_cause(request_, reason::method_not_allowed)));
    tell(observer_, refusal.why, [&] { return guarded_step(nullptr, {}, rules_.routes); });
    refusal.allow = std::move(found.allow);
    return refusal;
}

/// Another spelling of a path is no way around its limit.
decision decider::judge_limited() {
    if (!route_->rate) {
        return judge_route();
    }
    if (auto refused = begin_rate()) {
        return std::move(*refused);
    }
    decision made = judge_route();
    const auto* const leave = std::get_if<permit>(&made);
    if (leave == nullptr || route_->rate->per == rules::rate_subject::address) {
        return made;
    }
    auto refused = limit_rate(leave->who());
    return refused ? decision(std::move(*refused)) : std::move(made);
}

decision decider::judge_route() {
    if (preflight_ && cors_use() == requests::cors_use::passes) {
        return permit_preflight();
    }
    if (request_.websocket) {
        const reason handshake = route_->websocket.enabled ? reason::ok : reason::websocket_denied;
        if (tell(observer_, handshake, [&] { return websocket_step(*route_); }) != reason::ok) {
            return deny(handshake, cause_of(websocket_step(*route_)));
        }
    }
    if (const auto& origins = route_->websocket.origins; request_.websocket && !origins.empty()) {
        const reason origin = requests::has_origin(request_, origins) ? reason::ok : reason::origin_denied;
        if (tell(observer_, origin, [&] { return origin_step(request_, *route_); }) != reason::ok) {
            return deny(origin, cause_of(origin_step(request_, *route_)));
        }
    }
    return route_->auth == rules::authentication::none ? decision(permit_public()) : decide_credential();
}

denial decider::deny(reason why, std::string cause) const {
    denial refusal{.why = why,
                   .cause = std::move(cause),
                   .route = route_,
                   .who = {},
                   .allow = {},
                   .scope = {},
                   .step_up = {},
                   .subprotocols = {},
                   .rate = rate_,
                   .retry_after = {},
                   .bad_proof = bad_proof_};
    if (request_.websocket) {
        refusal.subprotocols = requests::split_subprotocols(request_);
    }
    return refusal;
}

permit decider::permit_public() const {
    tell(observer_, public_step);
    return permit_untouched(reason::public_route);
}

decision decide(const requests::request_view& request, const snapshot& rules, outside& around, on_need lacking,
                requests::credential_scratch& scratch, explanation* observer, proof_once* proof) {
    proof_once of_this_ask;
    proof_once& used = proof == nullptr ? of_this_ask : *proof;
    if (!rules.resources.empty() && !request.for_another) {
        if (const resource_metadata* const wanted = find_resource_metadata(rules.resources, request)) {
            tell(observer, [&] { return metadata_step(*wanted); });
            return metadata_request{wanted};
        }
    }
    if (rules.has_preflights) {
        if (const std::string_view asked = requests::find_preflight_method(request); !asked.empty()) {
            requests::request_view routed = request;
            routed.method = asked;
            if (auto made = decider(routed, rules, around, lacking, scratch, used, observer).run_preflight()) {
                return std::move(*made);
            }
        }
    }
    return decider(request, rules, around, lacking, scratch, used, observer).run();
}

decision decide_on(const rules::route& on, const requests::request_view& request, const snapshot& rules, outside& around, on_need lacking,
                   requests::credential_scratch& scratch, proof_once& proof) {
    return decider(request, rules, around, lacking, scratch, proof, nullptr).run_on(on);
}

} // namespace bearward::policies
