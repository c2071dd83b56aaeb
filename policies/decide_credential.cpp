#include "policies/decider.hpp"

#include "policies/decision_causes.hpp"
#include "policies/decision_steps.hpp"
#include "policies/provider_choice.hpp"
#include "policies/rules/requirement_check.hpp"

#include <utility>

namespace bearward::policies {

const requests::token_places& decider::places_of(const rules::route& route) const noexcept {
    return request_.websocket ? route.websocket.token_from : route.token_from;
}

permit decider::permit_untouched(reason why) const {
    permit leave;
    leave.why_ = why;
    leave.route_ = route_;
    leave.query_ = request_.query;
    leave.credentials_.remaining_query = request_.query;
    if (request_.websocket) {
        leave.credentials_.subprotocols = requests::keep_subprotocols(request_);
    }
    return leave;
}

decision decider::decide_credential() {
    const requests::token_places& places = places_of(*route_);
    const auto searched = requests::find_credentials(request_, places, route_->credential_names, scratch_, found_);
    const reason search = searched ? reason::ok : searched.error();
    tell(observer_, search, [&] { return credential_step(*route_, places, found_, search); });
    if (!searched) {
        return refuse(search, search_cause(found_, search));
    }
    return found_.present ? decide_token() : decide_anonymous();
}

decision decider::decide_anonymous() {
    const bool demanded = route_->auth == rules::authentication::required || !route_->require.empty();
    tell(observer_, demanded ? reason::token_missing : reason::ok, [&] { return anonymous_step(*route_); });
    if (!demanded) {
        return make_permit(reason::anonymous);
    }
    if (route_->auth == rules::authentication::required || route_->mode != rules::enforcement::observe) {
        return refuse(reason::token_missing, missing_cause(*route_, places_of(*route_)));
    }
    // Only the requirement asks for an identity here, so `mode: observe` lets it pass.
    permit leave = make_permit(reason::anonymous);
    leave.observed_ = observe(reason::token_missing, missing_cause(*route_, places_of(*route_)));
    return leave;
}

decision decider::decide_token() {
    const auto chosen = choose_provider(rules_, *route_, found_);
    const reason choice = chosen ? reason::ok : chosen.error();
    tell(observer_, choice, [&] { return provider_step(rules_, *route_, found_.token, chosen.value_or(nullptr)); });
    if (!chosen) {
        return refuse(choice, choice == reason::issuer_mismatch ? "no provider of the route is for this iss and place"
                                                                : "no provider of the route takes a token from there");
    }
    const provider& by = **chosen;
    auto verified = outside_.verify(by, found_.token);
    if (!verified) {
        return decide_unverified(std::move(verified).error());
    }
    const tokens::verified_token& token = **verified;
    who_ = std::shared_ptr<const identity>(*verified, &token.who);
    const time_point now = outside_.now();
    const auto revoked = outside_.find_revocation(by, token);
    if (const reason judged = tokens::judge_token(by.rules, token, now, revoked, observer_); judged != reason::ok) {
        return refuse(judged, tokens::judgement_cause(by.rules, token, now, revoked, judged));
    }
    const reason unmet = check_requirement();
    if (unmet != reason::ok && route_->mode == rules::enforcement::enforce) {
        denial refusal = deny(unmet, std::move(unmet_));
        refusal.who = who_;
        refusal.scope = rules::missing_scopes(route_->require, *who_);
        return refusal;
    }
    permit leave = make_permit(reason::ok);
    if (unmet != reason::ok) {
        leave.observed_ = observe(unmet, std::move(unmet_));
    }
    if (token.expires && route_->mode != rules::enforcement::observe_all) { // there, not even an expired one is refused
        leave.expires_ = *token.expires + by.rules.clock_skew;
        leave.closes_ = route_->websocket.close_on_expiry ? leave.expires_ : std::nullopt;
    }
    return leave;
}

decision decider::decide_unverified(unverified why) {
    if (auto* refused = std::get_if<refusal>(&why)) {
        return refuse(refused->why, std::move(refused->cause));
    }
    auto& lacking = std::get<need>(why);
    if (on_need_ == on_need::tell) {
        return std::move(lacking);
    }
    refusal unmet = refuse_unmet(lacking);
    tell(observer_, unmet.why, [&] { return need_step(unmet); });
    decision made = refuse(unmet.why, std::move(unmet.cause));
    if (auto* refused = std::get_if<denial>(&made)) {
        refused->retry_after = retry_unmet;
    }
    return made;
}

decision decider::refuse(reason why, std::string cause) {
    if (route_->mode != rules::enforcement::observe_all) {
        denial refused = deny(why, std::move(cause));
        refused.who = who_; // where its signature held: the log may say whose it was
        return refused;
    }
    tell(observer_, observe_all_step);
    permit leave = permit_untouched(reason::anonymous);
    leave.as_it_came_ = true;
    leave.observed_ = observe(why, std::move(cause));
    return leave;
}

std::shared_ptr<const observed_denial> decider::observe(reason why, std::string cause) const {
    return std::make_shared<const observed_denial>(why, route_->mode, std::move(cause), who_);
}

reason decider::check_requirement() {
    if (route_->require.empty()) {
        return reason::ok;
    }
    rules::operand_values values(captures_);
    values.request = &request_;
    values.headers = rules_.headers;
    const rules::requirement_verdict made = rules::check_requirement(route_->require, *who_, values, observer_);
    if (!made.tenant.empty()) {
        auto chosen = std::make_shared<identity>(*who_);
        chosen->tenant = made.tenant;
        who_ = std::move(chosen);
    }
    if (made.why != reason::ok) {
        unmet_ = unmet_cause(route_->require, *who_, values);
    }
    return made.why;
}

permit decider::make_permit(reason why) {
    permit leave;
    leave.why_ = why;
    leave.route_ = route_;
    leave.who_ = who_;
    if (route_->forward_token) {
        leave.query_ = request_.query;
        if (request_.websocket) {
            found_.subprotocols = requests::keep_subprotocols(request_);
        }
        found_.more_headers.clear();
    } else {
        leave.query_ = found_.remaining_query;
        leave.token_header_ = found_.in_header ? std::string_view(route_->credential_names[found_.names].header) : std::string_view{};
    }
    leave.credentials_ = std::move(found_);
    return leave;
}

} // namespace bearward::policies
