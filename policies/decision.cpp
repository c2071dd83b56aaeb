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
        invariant(route_->auth == rules::authentication::none && who_ == nullptr, "only a route that asks for nothing is public");
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

void permit::take_over(const permit& other, const requests::token_places& looked_at, std::string& rest_of_query) {
    if (!observed_) {
        observed_ = other.observed_;
    }
    expires_ = earlier(expires_, other.expires_);
    closes_ = earlier(closes_, other.closes_);
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
