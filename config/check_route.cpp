// What one route says that could have no effect.
#include "config/compile.hpp"

#include "policies/requests/case_folding.hpp"
#include "policies/requests/target.hpp"

#include <algorithm>

namespace bearward::config {
namespace {

using policies::rules::authentication;
using policies::rules::enforcement;
using policies::rules::route;

/// Whether the path begins with the segment that is kept for Bearward's own resources.
bool is_reserved(const route& of) {
    return !of.segments.empty() && !of.segments.front().is_capture &&
           policies::requests::fold_case(policies::requests::decode_segment(of.segments.front().text)) == ".bearward";
}

void check_mode(reading& state, const route_settings& from, const route& made) {
    if (made.mode == enforcement::enforce) {
        return;
    }
    if (made.auth == authentication::none) {
        state.error(from.mode.at, "with `auth: none` nothing is denied that could be observed; leave `mode` out");
    } else if (made.mode == enforcement::observe_all) {
        state.warning(from.mode.at, warning_code::observed_all,
                      "requests that are denied are forwarded all the same, also without a credential or with a refused one");
    } else if (from.require.value.empty()) {
        state.error(from.mode.at,
                    "only a requirement's denial is observed, and the route has none; write `require`, or leave `mode` out, or take "
                    "observe_all, which observes a missing or refused credential too");
    } else {
        state.warning(from.mode.at, warning_code::observed, "requests that the requirement denies are forwarded all the same");
    }
}

/// An API key is in a header and nowhere else.
void check_token_places(reading& state, const route_settings& from, const route& made) {
    const bool takes_keys = std::ranges::any_of(made.credential_names, &policies::requests::credential_names::api_key);
    if (takes_keys && !from.token_from.value.header && !(from.websocket.enabled && from.websocket.token_from.value.header)) {
        state.error({from.at.where, from.at.path + ".token_from"},
                    "has no `header`, and nowhere else is an API key looked for: no key of the route's providers would ever count");
    }
}

} // namespace

void check_route(reading& state, const route_settings& from, const route& made) {
    if (is_reserved(made)) {
        state.error(from.path().at, "paths below /.bearward are Bearward's own, and no app's; take another first segment");
    }
    check_mode(state, from, made);
    check_token_places(state, from, made);
}

} // namespace bearward::config
