// Tokens in cookies: what could have no effect.
#include "config/compile.hpp"
#include "config/credential_places.hpp"
#include "config/encoding.hpp"
#include "config/fields.hpp"
#include "policies/requests/header_names.hpp"

#include <algorithm>
#include <set>

namespace bearward::config {

namespace {

using policies::rules::authentication;

bool from_defaults(const place& at) {
    return at.path.starts_with("defaults");
}

class cookie_checker {
public:
    cookie_checker(reading& state, const settings& from) : state_(state), from_(from) {}

    void run() {
        for (const provider_settings& each : from_.providers) {
            if (policies::requests::equal_folded_names(header_of(each).value, "Cookie")) {
                state_.error(each.header.at,
                             "a Cookie field holds many cookies; write `cookie: NAME` with the name of the one that has the token");
            }
        }
        for (const route_settings& each : from_.routes) {
            if (each.auth.value != authentication::none) {
                check_places(each);
            }
            check_origins(each);
        }
    }

private:
    [[nodiscard]] bool has_cookie(const route_settings& route) const {
        return std::ranges::any_of(route.providers, [&](const located_text& name) {
            const auto found = std::ranges::find(from_.providers, name.value, &provider_settings::name);
            return found == from_.providers.end() || !found->cookie.empty(); // who is not there is complained about already
        });
    }

    void check_places(const route_settings& route) {
        const bool sockets = route.websocket.enabled && route.websocket.token_from.value.cookie;
        if ((!route.token_from.value.cookie && !sockets) || has_cookie(route)) {
            return;
        }
        const auto& places = route.token_from.value.cookie ? route.token_from : route.websocket.token_from;
        const place& at = from_defaults(places.at) ? route.at : places.at;
        state_.error(at, "takes a token from a cookie, but no provider of the route names one; write `cookie: NAME` on the provider");
    }

    /// What `defaults` gives is complained of only where the route didn't choose other places.
    void check_origins(const route_settings& route) {
        const auto& origins = route.cookie_origins;
        const bool used = route.auth.value != authentication::none &&
                          (route.token_from.value.cookie || (route.websocket.enabled && route.websocket.token_from.value.cookie));
        if (origins.value.empty() || used) {
            return;
        }
        const bool inherited = from_defaults(origins.at);
        const place& places = route.token_from.at; // line 0: written nowhere
        const bool chose = route.auth.value == authentication::none || (places.where.line != 0 && !from_defaults(places));
        if (!inherited || (!chose && told_.insert(origins.at.path).second)) {
            state_.error(
                origins.at,
                "no token is taken from a cookie here, so that no origin can use one; write cookie in token_from, or leave it out");
        }
    }

    reading& state_;
    const settings& from_;
    std::set<std::string> told_; ///< of `defaults`, once
};

} // namespace

void check_cookies(reading& state, const settings& from) {
    cookie_checker(state, from).run();
}

} // namespace bearward::config
