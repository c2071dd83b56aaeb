#include "policies/decider.hpp"

#include "policies/decision_causes.hpp"
#include "policies/decision_steps.hpp"
#include "policies/provider_choice.hpp"
#include "policies/request_binding.hpp"
#include "policies/requests/cookies.hpp"
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
    if (found_.in_cookie) {
        const reason origin = requests::may_use_cookie(request_, route_->cookie_origins) ? reason::ok : reason::origin_denied;
        if (tell(observer_, origin, [&] { return cookie_origin_step(request_, *route_); }) != reason::ok) {
            return deny(origin, cause_of(cookie_origin_step(request_, *route_))); // in every mode
        }
    }
    if (!searched) {
        return refuse(search, search_cause(found_, search));
    }
    if (found_.present) {
        return decide_token();
    }
    if (route_->takes_certificates) {
        if (auto made = decide_certificate()) {
            return std::move(*made);
        }
    }
    return decide_anonymous();
}

decision decider::decide_anonymous() {
    const bool demanded = route_->auth == rules::authentication::required || !route_->require.empty();
    tell(observer_, demanded ? reason::token_missing : reason::ok, [&] { return anonymous_step(*route_); });
    if (!demanded) {
        return make_permit(reason::anonymous);
    }
    if (route_->auth == rules::authentication::required || route_->mode != rules::enforcement::observe) {
        return refuse(reason::token_missing, missing_cause(*route_, places_of(*route_), request_.certificate));
    }
    // Only the requirement asks for an identity here, so `mode: observe` lets it pass.
    permit leave = make_permit(reason::anonymous);
    leave.observed_ = observe(reason::token_missing, missing_cause(*route_, places_of(*route_), request_.certificate));
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
    auto verified = on_need_ == on_need::tell ? outside_.verify(by, found_.token) : outside_.verify_after_need(by, found_.token);
    if (!verified) {
        return decide_unverified(std::move(verified).error());
    }
    return decide_verified(by, *std::move(verified));
}

std::optional<decision> decider::decide_certificate() {
    for (const std::uint32_t index : route_->providers) {
        const provider& by = rules_.providers[index];
        if (!takes_certificates(by)) {
            continue;
        }
        auto known = outside_.identify(by, request_.certificate);
        tell(observer_, [&] { return certificate_step(request_, by, known != nullptr); });
        if (known != nullptr) {
            return decide_verified(by, std::move(known));
        }
    }
    return std::nullopt;
}

decision decider::decide_verified(const provider& by, tokens::verified_token_ptr verified) {
    const tokens::verified_token& token = *verified;
    who_ = std::shared_ptr<const identity>(verified, &token.who);
    const time_point now = outside_.now();
    if (auto refused = judge_verified(by, token, now)) {
        return refuse(refused->why, std::move(refused->cause));
    }
    const reason unmet = check_requirement(by);
    if (unmet != reason::ok && route_->mode == rules::enforcement::enforce) {
        denial refusal = deny(unmet, std::move(unmet_));
        refusal.who = who_;
        refusal.scope = unmet == reason::step_up_required ? std::string() : rules::missing_scopes(route_->require, *who_);
        refusal.step_up = unmet == reason::step_up_required ? rules::find_step_up(route_->require) : rules::step_up();
        return refusal;
    }
    permit leave = make_permit(reason::ok);
    if (unmet != reason::ok) {
        leave.observed_ = observe(unmet, std::move(unmet_));
    }
    if (route_->mode != rules::enforcement::observe_all) { // there, not even an expired one is refused
        if (token.expires) {
            leave.expires_ = *token.expires + by.rules.clock_skew;
            leave.closes_ = route_->websocket.close_on_expiry ? leave.expires_ : std::nullopt;
        }
        leave.tokens_.token = std::move(verified); // who_ keeps it too
    }
    return leave;
}

std::optional<refusal> decider::judge_verified(const provider& by, const tokens::verified_token& token, time_point now) {
    if (std::holds_alternative<api_key_provider>(by.how)) {
        if (found_.dpop_scheme) { // an API key is bound to nothing
            return refusal(reason::binding_unverified, "an API key with the scheme DPoP");
        }
        const reason judged = tokens::judge_api_key(token, now, observer_);
        return judged == reason::ok ? std::nullopt : std::optional<refusal>(std::in_place, judged, tokens::api_key_cause(token, now));
    }
    const auto revoked = outside_.find_revocation(by, token);
    if (takes_certificates(by)) {
        const reason ended = !token.expires || now < *token.expires ? reason::ok : reason::token_expired;
        if (tell(observer_, ended, [&] { return certificate_end_step(token, now); }) != reason::ok) {
            return refusal(ended, cause_of(certificate_end_step(token, now)));
        }
        return revoked;
    }
    request_binding binding(request_, found_, rules_, outside_, proof_);
    tokens::binding_check* const bound = request_binding::concerns(by.rules, token, found_) ? &binding : nullptr;
    const reason judged = tokens::judge_token(by.rules, token, now, revoked, observer_, bound);
    if (judged == reason::ok) {
        return std::nullopt;
    }
    bad_proof_ = binding.bad_proof();
    return refusal(judged, binding.cause().empty() ? tokens::judgement_cause(by.rules, token, now, revoked, judged) : binding.cause());
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
        if (why == reason::revocation_unavailable) {
            refused.retry_after = retry_unmet;
        }
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

reason decider::check_requirement(const provider& by) {
    if (route_->require.empty()) {
        return reason::ok;
    }
    rules::operand_values values(captures_);
    values.request = &request_;
    values.headers = rules_.headers;
    values.now = outside_.now();
    values.clock_skew = by.rules.clock_skew;
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
        leave.drops_cookies_ = route_->has_cookies;
        if (found_.present && route_->dpop != tokens::dpop_mode::off) {
            found_.more_headers.emplace_back("DPoP");
        }
        leave.token_header_ = found_.in_header ? std::string_view(route_->credential_names[found_.names].header) : std::string_view{};
    }
    leave.credentials_ = std::move(found_);
    return leave;
}

} // namespace bearward::policies
