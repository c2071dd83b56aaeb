#include "policies/decide.hpp"

#include "policies/decision_causes.hpp"
#include "policies/decision_steps.hpp"
#include "policies/path_meanings.hpp"
#include "policies/provider_choice.hpp"
#include "policies/requests/origin.hpp"
#include "policies/rules/requirement_check.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies {
/// Walks the steps of one decision; the only maker of permits.
class decider {
public:
    decider(const requests::request_view& request, const snapshot& rules, token_source& tokens, time_point now,
            requests::credential_scratch& scratch, explanation* observer)
        : request_(request), rules_(rules), tokens_(tokens), now_(now), scratch_(scratch), observer_(observer) {}

    [[nodiscard]] decision run() {
        if (auto refused = find_route()) {
            return std::move(*refused);
        }
        decision made = judge_route();
        if (auto* leave = std::get_if<permit>(&made); leave != nullptr && may_reach_others()) {
            if (auto refused = judge_guarded(*leave)) {
                made = std::move(*refused);
            }
        }
        if (const auto* leave = std::get_if<permit>(&made)) {
            leave->check();
        }
        return made;
    }

private:
    /// The request's route and captures, or why it has none.
    [[nodiscard]] std::optional<denial> find_route() {
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

    /// Whether an app may take the request for one of another route as well.
    [[nodiscard]] bool may_reach_others() const noexcept {
        return !request_.path.readings.empty() || rules_.routes.may_be_read_otherwise(request_.path.path);
    }

    /// Whether the path has a form that servers read differently, and the route (null:
    /// none) doesn't take such paths.
    [[nodiscard]] bool refuses_ambiguous(const rules::route* route) const noexcept {
        const auto rule = route != nullptr && route->ambiguous ? *route->ambiguous : rules_.ambiguous;
        return request_.path.ambiguous && rule == requests::ambiguous_paths::reject;
    }

    /// What an app may take the request for if it ignores case or a final slash must be
    /// permitted too, each by its own route. What those routes took as a credential is
    /// removed from what `leave` forwards.
    [[nodiscard]] std::optional<denial> judge_guarded(permit& leave) {
        guarded_routes found = find_guarded_routes(request_, rules_, *route_, captures_);
        for (reached_route& each : found.routes) {
            tell(observer_, [&] { return guarded_step(each.route, each.captures, rules_.routes); });
            requests::credential_scratch memory;
            decider other(request_, rules_, tokens_, now_, memory, observer_);
            if (refuses_ambiguous(each.route)) {
                return other.deny(tell(observer_, reason::bad_request, [&] { return readings_step(request_.path, true); }),
                                  readings_cause(request_.path, nullptr));
            }
            other.route_ = each.route;
            other.captures_ = std::move(each.captures);
            decision made = other.judge_route();
            if (auto* refused = std::get_if<denial>(&made)) {
                refused->cause = guarded_cause(*route_, std::move(refused->cause));
                return std::move(*refused);
            }
            const bool looked = route_->auth != rules::authentication::none;
            leave.take_over(std::get<permit>(made), looked ? places_of(*route_) : requests::token_places{.header = false},
                            scratch_.rest_of_query);
        }
        if (!found.method_refused) {
            return std::nullopt;
        }
        decider other(request_, rules_, tokens_, now_, scratch_, observer_);
        denial refusal =
            other.deny(reason::method_not_allowed, guarded_cause(*route_, unmatched_cause(request_, reason::method_not_allowed)));
        tell(observer_, refusal.why, [&] { return guarded_step(nullptr, {}, rules_.routes); });
        refusal.allow = std::move(found.allow);
        return refusal;
    }

    [[nodiscard]] const requests::token_places& places_of(const rules::route& route) const noexcept {
        return request_.websocket ? route.websocket.token_from : route.token_from;
    }

    /// Steps 3 to 7 for the route that was found.
    [[nodiscard]] decision judge_route() {
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

    [[nodiscard]] denial deny(reason why, std::string cause = {}) const {
        denial refusal{.why = why, .cause = std::move(cause), .route = route_, .who = {}, .allow = {}, .scope = {}, .subprotocols = {}};
        if (request_.websocket) {
            refusal.subprotocols = requests::split_subprotocols(request_);
        }
        return refusal;
    }

    /// `auth: none`: credentials are not looked at and pass untouched.
    [[nodiscard]] permit permit_public() const {
        tell(observer_, public_step);
        return permit_untouched(reason::public_route);
    }

    /// Whatever may be a credential passes, and there is no identity.
    [[nodiscard]] permit permit_untouched(reason why) const {
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

    [[nodiscard]] decision decide_credential() {
        const requests::token_places& places = places_of(*route_);
        const auto searched = requests::find_credentials(request_, places, route_->credential_names, scratch_, found_);
        const reason search = searched ? reason::ok : searched.error();
        tell(observer_, search, [&] { return credential_step(*route_, places, found_, search); });
        if (!searched) {
            return refuse(search, search_cause(found_, search));
        }
        return found_.present ? decide_token() : decide_anonymous();
    }

    [[nodiscard]] decision decide_anonymous() {
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

    [[nodiscard]] decision decide_token() {
        const auto chosen = choose_provider(rules_, *route_, found_);
        const reason choice = chosen ? reason::ok : chosen.error();
        tell(observer_, choice, [&] { return provider_step(rules_, *route_, found_.token, chosen.value_or(nullptr)); });
        if (!chosen) {
            return refuse(choice, choice == reason::issuer_mismatch ? "no provider of the route is for this iss and place"
                                                                    : "no provider of the route takes a token from there");
        }
        const provider& by = **chosen;
        const auto verified = tokens_.verify(by, found_.token);
        if (!verified) {
            return refuse(verified.error().why, verified.error().cause);
        }
        const tokens::verified_token& token = **verified;
        who_ = std::shared_ptr<const identity>(*verified, &token.who);
        if (const reason judged = tokens::judge_token(by.rules, token, now_, observer_); judged != reason::ok) {
            return refuse(judged, tokens::judgement_cause(by.rules, token, now_, judged));
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

    /// A refusal of the credential: a denial, or with `mode: observe_all` leave to forward
    /// the request without an identity and with all that may be a credential left in.
    [[nodiscard]] decision refuse(reason why, std::string cause = {}) {
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

    [[nodiscard]] std::shared_ptr<const observed_denial> observe(reason why, std::string cause) const {
        return std::make_shared<const observed_denial>(why, route_->mode, std::move(cause), who_);
    }

    /// Whether the requirement is met. Of several tenants the one that it asks for
    /// becomes the identity's; without such a one they are as none.
    [[nodiscard]] reason check_requirement() {
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

    [[nodiscard]] permit make_permit(reason why) {
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

    const requests::request_view& request_;
    const snapshot& rules_;
    token_source& tokens_;
    time_point now_;
    requests::credential_scratch& scratch_;
    explanation* observer_;
    const rules::route* route_ = nullptr;
    std::vector<rules::capture> captures_;
    requests::found_credentials found_;
    std::shared_ptr<const identity> who_;
    std::string unmet_; ///< which entry of the requirement, for a cause
};

std::expected<tokens::verified_token_ptr, refusal> direct_token_source::verify(const provider& by, std::string_view token) {
    return tokens::verify_token(by.rules, by.keys, token, observer_);
}

decision decide(const requests::request_view& request, const snapshot& rules, token_source& tokens, time_point now,
                requests::credential_scratch& scratch, explanation* observer) {
    return decider(request, rules, tokens, now, scratch, observer).run();
}

} // namespace bearward::policies
