#include "policies/decide.hpp"

#include "policies/decision_steps.hpp"
#include "policies/requests/origin.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies {
namespace {

bool equal_captures(const std::vector<rules::capture>& left, const std::vector<rules::capture>& right) noexcept {
    return std::ranges::equal(left, right, [](const auto& one, const auto& other) { return one.value == other.value; });
}

/// Whether a further reading of the path leads to the same route and captures.
bool agrees(const requests::request_view& request, const snapshot& rules, std::string_view reading, const rules::route_match& match,
            const std::vector<rules::capture>& captures) {
    if (reading == request.path.path) {
        return true;
    }
    const rules::route_match other = rules.routes.find(reading, request.host, request.method, request.listener);
    if (other.matched != match.matched || other.path_found != match.path_found) {
        return false;
    }
    return match.matched == nullptr || equal_captures(captures, rules::route_table::captures(*match.matched, reading));
}

} // namespace

/// Walks the steps of one decision; the only maker of permits.
class decider {
public:
    decider(const requests::request_view& request, const snapshot& rules, token_source& tokens, time_point now,
            requests::credential_scratch& scratch, explanation* observer)
        : request_(request), rules_(rules), tokens_(tokens), now_(now), scratch_(scratch), observer_(observer) {}

    [[nodiscard]] decision run() {
        rules::route_match match = rules_.routes.find(request_.path.path, request_.host, request_.method, request_.listener, observer_);
        route_ = match.matched;
        if (route_ != nullptr) {
            captures_ = rules::route_table::captures(*route_, request_.path.path);
        }
        const bool one_meaning = std::ranges::all_of(
            request_.path.readings, [&](const std::string& reading) { return agrees(request_, rules_, reading, match, captures_); });
        if (!one_meaning) {
            route_ = nullptr;
            return deny(tell(observer_, reason::bad_request, [&] { return readings_step(request_.path); }));
        }
        const reason unmatched = match.path_found ? reason::method_not_allowed : reason::no_route;
        const reason matched = route_ == nullptr ? unmatched : reason::ok;
        if (tell(observer_, matched, [&] { return route_step(request_, match, captures_); }) != reason::ok) {
            denial refusal = deny(matched);
            refusal.allow = std::move(match.allow);
            return refusal;
        }
        if (request_.websocket) {
            const reason handshake = route_->websocket.enabled ? reason::ok : reason::websocket_denied;
            if (tell(observer_, handshake, [&] { return websocket_step(*route_); }) != reason::ok) {
                return deny(handshake);
            }
        }
        if (const auto& origins = route_->websocket.origins; request_.websocket && !origins.empty()) {
            const reason origin = requests::has_origin(request_, origins) ? reason::ok : reason::origin_denied;
            if (tell(observer_, origin, [&] { return origin_step(request_, *route_); }) != reason::ok) {
                return deny(origin);
            }
        }
        return route_->auth == rules::authentication::none ? decision(permit_public()) : decide_credential();
    }

private:
    [[nodiscard]] denial deny(reason why) const {
        denial refusal{.why = why, .route = route_, .who = {}, .allow = {}, .scope = {}, .subprotocols = {}};
        if (request_.websocket) {
            refusal.subprotocols = requests::split_subprotocols(request_);
        }
        return refusal;
    }

    /// `auth: none`: credentials are not looked at and pass untouched.
    [[nodiscard]] permit permit_public() const {
        tell(observer_, public_step);
        permit leave;
        leave.why_ = reason::public_route;
        leave.route_ = route_;
        leave.query_ = request_.query;
        leave.credentials_.remaining_query = request_.query;
        if (request_.websocket) {
            leave.credentials_.subprotocols = requests::keep_subprotocols(request_);
        }
        return leave;
    }

    [[nodiscard]] decision decide_credential() {
        const requests::token_places& places = request_.websocket ? route_->websocket.token_from : route_->token_from;
        const auto searched = requests::find_credentials(request_, places, route_->credential_names, scratch_, found_);
        const reason search = searched ? reason::ok : searched.error();
        tell(observer_, search, [&] { return credential_step(*route_, places, found_, search); });
        if (!searched) {
            return deny(search);
        }
        return found_.present ? decide_token() : decide_anonymous();
    }

    [[nodiscard]] decision decide_anonymous() {
        const bool demanded = route_->auth == rules::authentication::required || !route_->require.empty();
        tell(observer_, demanded ? reason::token_missing : reason::ok, [&] { return anonymous_step(*route_); });
        if (route_->auth == rules::authentication::required) {
            return deny(reason::token_missing);
        }
        if (route_->require.empty()) {
            return make_permit(reason::anonymous, reason::ok);
        }
        // Only the requirement asks for an identity here, so `mode: observe` lets it pass.
        return route_->observe ? decision(make_permit(reason::anonymous, reason::token_missing)) : deny(reason::token_missing);
    }

    [[nodiscard]] decision decide_token() {
        const auto chosen = choose_provider();
        const reason choice = chosen ? reason::ok : chosen.error();
        tell(observer_, choice, [&] { return provider_step(rules_, *route_, found_.token, chosen.value_or(nullptr)); });
        if (!chosen) {
            return deny(choice);
        }
        const provider& by = **chosen;
        const auto verified = tokens_.verify(by, found_.token);
        if (!verified) {
            return deny(verified.error());
        }
        const tokens::verified_token& token = **verified;
        if (const reason judged = tokens::judge_token(by.rules, token, now_, observer_); judged != reason::ok) {
            return deny(judged);
        }
        who_ = std::shared_ptr<const identity>(*verified, &token.who);
        const reason unmet = rules::check_requirement(route_->require, *who_, captures_, observer_);
        if (unmet != reason::ok && !route_->observe) {
            denial refusal = deny(unmet);
            refusal.who = who_;
            refusal.scope = rules::missing_scopes(route_->require, *who_);
            return refusal;
        }
        permit leave = make_permit(reason::ok, unmet);
        if (token.expires && route_->websocket.close_on_expiry) {
            leave.expires_ = *token.expires + by.rules.clock_skew;
        }
        return leave;
    }

    /// A token whose `iss` is a provider's issuer goes to that one only, wherever
    /// it was found, otherwise to the one without issuer. None is tried after
    /// another refused.
    [[nodiscard]] std::expected<const provider*, reason> choose_provider() const {
        if (route_->providers.size() == 1) {
            return &rules_.providers[route_->providers.front()];
        }
        const std::optional<std::string> issuer = tokens::peek_issuer(found_.token);
        const provider* first = nullptr; // of those that accept the place
        const provider* without_issuer = nullptr;
        std::size_t candidates = 0;
        bool issuer_known = false;
        for (const std::uint32_t index : route_->providers) {
            const provider& candidate = rules_.providers[index];
            const bool issued = issuer && candidate.rules.issuer && *candidate.rules.issuer == *issuer;
            issuer_known = issuer_known || issued;
            if (!accepts_place(candidate)) {
                continue;
            }
            if (issued) {
                return &candidate;
            }
            first = first == nullptr ? &candidate : first;
            without_issuer = without_issuer == nullptr && !candidate.rules.issuer ? &candidate : without_issuer;
            ++candidates;
        }
        if (candidates == 0) {
            return std::unexpected(reason::token_malformed);
        }
        if (issuer_known) {
            return std::unexpected(reason::issuer_mismatch);
        }
        if (without_issuer != nullptr) {
            return without_issuer;
        }
        // Without a readable `iss`, or with one provider only, that one says precisely why it refuses.
        return candidates > 1 && issuer ? std::expected<const provider*, reason>(std::unexpected(reason::issuer_mismatch)) : first;
    }

    /// Whether the provider's tokens travel where this one was found.
    [[nodiscard]] bool accepts_place(const provider& candidate) const noexcept {
        if (found_.in_header) {
            return requests::equal_names(candidate.names.header, route_->credential_names[found_.names].header);
        }
        if (found_.in_query) {
            return candidate.names.query_parameter == route_->credential_names[found_.names].query_parameter;
        }
        return true;
    }

    [[nodiscard]] permit make_permit(reason why, reason observed) {
        permit leave;
        leave.why_ = why;
        leave.observed_ = observed;
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
};

std::expected<tokens::verified_token_ptr, reason> direct_token_source::verify(const provider& by, std::string_view token) {
    return tokens::verify_token(by.rules, by.keys, token, observer_);
}

decision decide(const requests::request_view& request, const snapshot& rules, token_source& tokens, time_point now,
                requests::credential_scratch& scratch, explanation* observer) {
    return decider(request, rules, tokens, now, scratch, observer).run();
}

} // namespace bearward::policies
