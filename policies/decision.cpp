#include "policies/decision.hpp"

#include "policies/invariant.hpp"

#include <algorithm>
#include <span>

namespace bearward::policies {
namespace {

/// Nothing is never.
std::optional<time_point> earlier(std::optional<time_point> left, std::optional<time_point> right) {
    return left && right ? std::min(*left, *right) : left ? left : right;
}

} // namespace

void permit::check() const noexcept {
    invariant(route_ != nullptr, "a permit has a route");
    switch (why_) {
    case reason::ok:
        invariant(who_ != nullptr, "a request that is permitted for its credential has an identity");
        break;
    case reason::public_route:
        invariant((route_->auth == rules::authentication::none || preflight_) && who_ == nullptr,
                  "only a route that asks for nothing is public");
        invariant(!preflight_ || route_->cors.use != requests::cors_use::off, "a route without CORS lets no preflight through");
        break;
    case reason::anonymous:
        invariant(who_ == nullptr, "an anonymous request has no identity");
        invariant(observed_ || (route_->auth == rules::authentication::optional && route_->require.empty()),
                  "a request is anonymous where its route lets it be");
        break;
    default:
        invariant(false, "a permit is ok, anonymous or public");
    }
    invariant(!observed_ || observed_->mode != rules::enforcement::enforce, "a denial is only noted where its route says so");
}

bool permit::drops_cookie(std::string_view name) const noexcept {
    const auto carries = [name](const requests::credential_names& each) { return !each.cookie.empty() && each.cookie == name; };
    return (drops_cookies_ && std::ranges::any_of(route_->credential_names, carries)) ||
           std::ranges::find(other_cookies_, name) != other_cookies_.end();
}

void permit::take_over(const permit& other, const requests::token_places& looked_at, std::string& rest_of_query) {
    if (!observed_) {
        observed_ = other.observed_;
    }
    expires_ = earlier(expires_, other.expires_);
    closes_ = earlier(closes_, other.closes_);
    if (other.tokens_.token != nullptr && other.tokens_.token != tokens_.token) {
        tokens_.others.push_back(other.tokens_.token);
    }
    if (other.drops_cookies_) {
        const bool asks = route_->auth != rules::authentication::none;
        for (const requests::credential_names& each : other.route_->credential_names) {
            const bool is_own =
                asks && std::ranges::any_of(route_->credential_names, [&](const auto& own) { return own.cookie == each.cookie; });
            if (!each.cookie.empty() && !is_own) {
                other_cookies_.emplace_back(each.cookie);
            }
        }
    }
    if (!other.credentials_.present || other.route_->forward_token) {
        return;
    }
    const std::span<const requests::credential_names> own = route_->credential_names;
    const auto remove_header = [&](std::string_view name) {
        const bool is_own =
            looked_at.header && std::ranges::any_of(own, [&](const auto& each) { return requests::equal_names(each.header, name); });
        if (!name.empty() && !is_own) {
            credentials_.more_headers.push_back(name);
        }
    };
    remove_header(other.token_header_);
    std::ranges::for_each(other.credentials_.more_headers, remove_header);
    if (other.credentials_.in_query) {
        const std::span<const requests::credential_names> kept = looked_at.query ? own : std::span<const requests::credential_names>{};
        rest_of_query = requests::remove_parameters(query_, other.route_->credential_names, kept);
        query_ = credentials_.remaining_query = rest_of_query;
    }
    if (other.credentials_.in_subprotocol && !looked_at.subprotocol) {
        credentials_.subprotocols = other.credentials_.subprotocols;
        credentials_.in_subprotocol = true;
    }
}

} // namespace bearward::policies
