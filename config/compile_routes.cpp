#include "config/compile.hpp"
#include "config/credential_places.hpp"
#include "config/dpop.hpp"
#include "config/encoding.hpp"
#include "config/fields.hpp"
#include "config/forward_auth.hpp"
#include "config/name_index.hpp"
#include "config/requirements.hpp"
#include "config/route_names.hpp"
#include "config/same_users.hpp"
#include "config/told_apart.hpp"

#include "policies/rules/route_table.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace bearward::config {

namespace {

using policies::rules::authentication;

std::optional<policies::rules::rate_limit> compile_rate(const std::optional<rate_limit_settings>& from) {
    if (!from) {
        return std::nullopt;
    }
    const auto count = std::max<std::uint64_t>(from->rate.count, 1); // none: complained of already
    return policies::rules::rate_limit{.per = from->per, .count = count, .period = from->rate.period, .burst = from->burst.value_or(count)};
}

policies::rules::websocket_rules compile_websocket(const websocket_settings& from) {
    policies::rules::websocket_rules made{.enabled = from.enabled,
                                          .token_from = from.token_from.value,
                                          .reject_with = from.reject_with,
                                          .closes_with = from.close_code,
                                          .close_on_expiry = from.close_on_expiry,
                                          .origins = from.origins,
                                          .idle_timeout = from.idle_timeout,
                                          .max_lifetime = from.max_lifetime.value_or(milliseconds{0}),
                                          .max_message = from.max_message.value_or(0),
                                          .max_frame_rate = {},
                                          .recheck_on_reload = from.recheck_on_reload,
                                          .renewal = from.renewal};
    if (const auto& rate = from.max_frame_rate; rate && rate->count != 0) { // 0: refused already
        const auto a_second = rate->count * 1000 / static_cast<std::uint64_t>(rate->period.count());
        made.max_frame_rate =
            policies::rules::rate_limit{.count = rate->count, .period = rate->period, .burst = std::max<std::uint64_t>(a_second, 1)};
    }
    return made;
}

class route_compiler {
public:
    route_compiler(reading& state, const settings& from)
        : state_(state), from_(from), requirements_(state, from), cors_(compile_cors(from)),
          upstreams_(make_index("upstream", from.upstreams, [](const upstream_settings& each) { return each.name; })),
          providers_(make_index("provider", from.providers, [](const provider_settings& each) { return each.name; })),
          listeners_(make_index("listener", from.listen,
                                [](const listener_settings& each) { return each.name.empty() ? each.address.text : each.name; })) {}

    [[nodiscard]] std::optional<compiled_route> compile(const route_settings& effective, const written_keys& written) {
        compiled_route made;
        made.at = effective.at;
        const route_path_settings& path = effective.path();
        if (const std::string& fault = effective.literal ? path.fault_if_literal : path.fault; !fault.empty()) {
            state_.error(path.at, fault);
        }
        auto segments = policies::rules::parse_pattern(path.text, effective.literal);
        if (path.empty() || !segments) {
            return std::nullopt;
        }
        made.route.pattern = path.text;
        made.route.segments = std::move(*segments);
        made.route.ambiguous = effective.ambiguous_paths;
        made.route.exact = !effective.exact.empty();
        made.route.name = effective.name.value;
        compile_matching(effective, made.route);
        compile_upstream(effective, made.route);
        if (is_only_asked_about(from_, made.route)) {
            check_only_asked_about(state_, effective, written);
        }
        compile_authentication(effective, made.route);
        compile_requirement(effective, made.route);
        check_route(state_, effective, made.route);
        made.route.token_from = effective.token_from.value;
        made.route.cookie_origins = effective.cookie_origins.value;
        made.route.has_cookies = std::ranges::any_of(made.route.credential_names, [](const auto& each) { return !each.cookie.empty(); });
        made.route.forward_token = effective.forward_token;
        made.route.strip_prefix = effective.strip_prefix;
        made.route.response_timeout = effective.response_timeout;
        made.route.max_body = effective.max_body.value_or(made.route.max_body);
        made.route.rate = compile_rate(effective.rate_limit);
        made.route.request_headers = compile_changes(effective.add_request_headers, effective.remove_request_headers);
        made.route.response_headers = compile_changes(effective.add_response_headers, effective.remove_response_headers);
        made.route.cors = compile_cors(effective.cors, cors_);
        made.route.resource_metadata = metadata_url_of(effective, from_);
        made.route.websocket = compile_websocket(effective.websocket);
        made.route.streams = {effective.streams.end_on_expiry, effective.streams.end_on_revocation};
        return made;
    }

private:
    [[nodiscard]] static bool wrote(const route_settings& route, std::string_view field) {
        return (route.given & route_fields().bit(field)) != 0;
    }

    [[nodiscard]] static policies::rules::header_changes compile_changes(const std::vector<added_header_settings>& added,
                                                                         const std::vector<located_text>& removed) {
        policies::rules::header_changes made;
        for (const added_header_settings& each : added) {
            made.added.push_back({each.name, each.value});
        }
        for (const located_text& each : removed) {
            made.removed.push_back(each.value);
        }
        return made;
    }

    void compile_matching(const route_settings& from, policies::rules::route& out) {
        for (const located_text& each : from.hosts) {
            out.hosts.push_back(each.value);
        }
        for (const located_text& each : from.methods) {
            out.methods.push_back(each.value);
        }
        for (const located_text& each : from.listeners) {
            if (const auto index = listeners_.find(state_, each, true)) {
                out.listeners.push_back(*index);
            }
        }
    }

    void compile_upstream(const route_settings& from, policies::rules::route& out) {
        if (!wrote(from, "upstream") && is_only_asked_about(from_, out)) {
            out.upstream = policies::rules::no_upstream;
        } else if (!wrote(from, "upstream")) {
            state_.error({from.at.where, from.at.path + ".upstream"},
                         "required, here or in `defaults`, but missing; expected the name of an upstream");
        } else if (const auto index = upstreams_.find(state_, from.upstream, true)) {
            out.upstream = *index;
        }
    }

    void compile_authentication(const route_settings& from, policies::rules::route& out) {
        out.auth = from.auth.value;
        if (from.providers.empty() && out.auth != authentication::none) {
            state_.error({from.at.where, from.at.path + ".providers"},
                         "required, here or in `defaults`, but missing; expected names of providers, or `auth: none` for a public route");
        }
        constexpr std::size_t most_providers = 32; // each is compared with each
        if (from.providers.size() > most_providers) {
            state_.error(from.providers[most_providers].at, "a route can have at most " + std::to_string(most_providers) + " providers");
            return;
        }
        for (const located_text& each : from.providers) {
            const auto index = providers_.find(state_, each, false);
            if (!index) {
                continue;
            }
            if (std::ranges::find(out.providers, *index) != out.providers.end()) {
                state_.error(each.at, quote(each.value) + " is named twice");
                continue;
            }
            check_issuers(each, *index, from, out.providers);
            check_api_keys(state_, from_, each, *index, out.providers);
            out.providers.push_back(*index);
            const provider_settings& provider = from_.providers[*index];
            if (has_certificates(provider)) {
                out.takes_certificates = true;
                check_client_ca(state_, from_, from, each, out);
                continue;
            }
            const policies::requests::credential_names names = names_of(provider);
            if (std::ranges::find(out.credential_names, names) == out.credential_names.end()) {
                out.credential_names.push_back(names);
            }
        }
        out.dpop = dpop_of(from_, out.providers);
    }

    /// A token must have one provider on a route, by its issuer alone.
    void check_issuers(const located_text& name, std::uint32_t index, const route_settings& route,
                       const std::vector<std::uint32_t>& before) {
        const provider_settings& added = from_.providers[index];
        for (const std::uint32_t each : before) {
            const provider_settings& other = from_.providers[each];
            if (std::string why = describe_confusion(added, other); !why.empty()) {
                state_.error(name.at, std::move(why));
            } else if (shared_issuer(added, other).empty()) { // what an issuer signs and what it is asked about has the same users
                check_same_users(name, route, added, other);
            }
        }
    }

    /// Speaks of the route and of both providers: any of them may allow it.
    void check_same_users(const located_text& name, const route_settings& route, const provider_settings& left,
                          const provider_settings& right) {
        const bool allowed =
            std::ranges::any_of(std::array{&route.allow_warnings, &left.allow_warnings, &right.allow_warnings},
                                [](const auto* codes) { return std::ranges::find(*codes, warning_code::shared_identity) != codes->end(); });
        if (!warned_pairs_.emplace(std::min(left.name, right.name), std::max(left.name, right.name), allowed).second) {
            return;
        }
        if (!have_different_users(left, right)) {
            const std::string message =
                "the providers " + quote(right.name) + " and " + quote(left.name) +
                " could give the same user and tenant; required_claims with different values of the tenant's claim tell them apart";
            const place& at = name.at.path.starts_with("defaults") ? route.at : name.at;
            if (allowed) {
                state_.note(at, message);
            } else {
                state_.warning(at, warning_code::shared_identity, message);
            }
        }
    }

    void compile_requirement(const route_settings& from, policies::rules::route& out) {
        std::set<std::string> bound;
        for (const policies::rules::segment& each : out.segments) {
            if (each.is_capture) {
                bound.insert(each.text);
            }
        }
        out.require = requirements_.resolve(from.require.value, {bound, from});
        out.mode = from.mode.value;
        if (out.auth == authentication::none && !from.require.value.empty()) {
            state_.error(
                from.require.at.path.starts_with("defaults") ? place{from.at.where, from.at.path + ".require"} : from.require.at,
                "a requirement needs an identity, and with `auth: none` there is none; `require: {}` drops what `defaults` requires");
        }
    }

    reading& state_;
    const settings& from_;
    requirement_resolver requirements_;
    std::shared_ptr<const policies::requests::cors_rules> cors_; ///< the top-level ones
    name_index upstreams_;
    name_index providers_;
    name_index listeners_;
    std::set<std::tuple<std::string, std::string, bool>> warned_pairs_; ///< and whether it is allowed
};

} // namespace

std::vector<compiled_route> compile_routes(reading& state, settings& from) {
    std::vector<written_keys> written;
    for (route_settings& each : from.routes) {
        written.push_back({each.given, each.websocket.given});
        default_fields().inherit(from.defaults, each);
    }
    route_compiler compiler(state, from);
    std::vector<compiled_route> routes;
    std::vector<place> name_places;
    for (std::size_t index = 0; index < from.routes.size(); ++index) {
        if (auto made = compiler.compile(from.routes[index], written[index])) {
            name_places.push_back(from.routes[index].name.at);
            routes.push_back(std::move(*made));
        }
    }
    name_routes(state, routes, name_places);
    return routes;
}

} // namespace bearward::config
