#include "config/compile.hpp"
#include "config/encoding.hpp"
#include "config/fields.hpp"
#include "config/requirements.hpp"
#include "config/route_names.hpp"

#include "policies/rules/route_table.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <unordered_map>

namespace bearward::config {

namespace {

using policies::rules::authentication;

/// Names of one kind of thing, as indices.
class name_index {
public:
    name_index(std::string what, std::vector<std::string> names) : what_(std::move(what)), names_(std::move(names)) {
        for (std::size_t i = 0; i < names_.size(); ++i) {
            index_.emplace(names_[i], static_cast<std::uint32_t>(i));
        }
    }

    /// Complains about a name that isn't there, unless there are none at all and
    /// that is complained about already.
    [[nodiscard]] std::optional<std::uint32_t> find(reading& state, const located_text& name, bool silent_if_empty) const {
        const auto found = index_.find(name.value);
        if (found != index_.end()) {
            return found->second;
        }
        if (!name.value.empty() && !(silent_if_empty && names_.empty())) {
            state.error(name.at, name_not_found(what_, name.value, names_));
        }
        return std::nullopt;
    }

private:
    std::string what_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, std::uint32_t> index_;
};

template <class T, class Name>
name_index make_index(std::string what, const std::vector<T>& from, Name name) {
    std::vector<std::string> names;
    names.reserve(from.size());
    for (const T& each : from) {
        names.push_back(name(each));
    }
    return {std::move(what), std::move(names)};
}

class route_compiler {
public:
    route_compiler(reading& state, const settings& from)
        : state_(state), from_(from), requirements_(state, from),
          upstreams_(make_index("upstream", from.upstreams, [](const upstream_settings& each) { return each.name; })),
          providers_(make_index("provider", from.providers, [](const provider_settings& each) { return each.name; })),
          listeners_(make_index("listener", from.listen,
                                [](const listener_settings& each) { return each.name.empty() ? each.address.text : each.name; })) {}

    [[nodiscard]] std::optional<compiled_route> compile(const route_settings& effective) {
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
        compile_authentication(effective, made.route);
        compile_requirement(effective, made.route);
        check_route(state_, effective, made.route);
        made.route.token_from = effective.token_from;
        made.route.forward_token = effective.forward_token;
        made.route.strip_prefix = effective.strip_prefix;
        made.route.response_timeout = effective.response_timeout;
        made.route.max_body = effective.max_body.value_or(made.route.max_body);
        made.route.request_headers = compile_changes(effective.add_request_headers, effective.remove_request_headers);
        made.route.response_headers = compile_changes(effective.add_response_headers, effective.remove_response_headers);
        made.route.websocket = {effective.websocket.enabled,    effective.websocket.token_from,      effective.websocket.reject_with,
                                effective.websocket.close_code, effective.websocket.close_on_expiry, effective.websocket.origins};
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
        if (!wrote(from, "upstream")) {
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
            out.providers.push_back(*index);
            const provider_settings& provider = from_.providers[*index];
            const policies::requests::credential_names names{provider.header.value, provider.query_parameter};
            if (std::ranges::find(out.credential_names, names) == out.credential_names.end()) {
                out.credential_names.push_back(names);
            }
        }
    }

    /// A token must have one provider on a route, by its issuer alone.
    void check_issuers(const located_text& name, std::uint32_t index, const route_settings& route,
                       const std::vector<std::uint32_t>& before) {
        const provider_settings& added = from_.providers[index];
        for (const std::uint32_t each : before) {
            const provider_settings& other = from_.providers[each];
            if (added.issuers.empty() && other.issuers.empty()) {
                state_.error(name.at, "a route can have one provider without issuer; " + quote(other.name) + " is one too");
            } else if (const auto shared = shared_issuer(added, other); !shared.empty()) {
                state_.error(name.at,
                             quote(other.name) + " has the same issuer" + shared + "; a token couldn't tell which of them it is for");
            } else {
                check_same_users(name, route, added, other);
            }
        }
    }

    /// " in words" where both could be meant by one `iss`; empty: never. A literal goes
    /// before a template, so that only likes compete.
    [[nodiscard]] static std::string shared_issuer(const provider_settings& added, const provider_settings& other) {
        using policies::tokens::issuer_pattern;
        for (const issuer_pattern& left : added.issuers) {
            for (const issuer_pattern& right : other.issuers) {
                if (left.is_template() == right.is_template() && issuer_pattern::overlap(left, right)) {
                    return left.text() == right.text()
                               ? " " + quote(left.text())
                               : ", for " + quote(left.text()) + " and " + quote(right.text()) + " fit the same texts";
                }
            }
        }
        return {};
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
        if (!tell_apart(left, right)) {
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

    /// Whether both demand values of their tenant's (or user's) claim that have nothing in common.
    [[nodiscard]] static bool tell_apart(const provider_settings& left, const provider_settings& right) {
        const auto demanded = [](const provider_settings& provider, const policies::tokens::mapped_claim& from) {
            const bool one = from.sources.size() == 1 && from.sources.front().how == policies::tokens::claim_source::form::plain;
            for (const claim_settings& each : provider.required_claims) {
                if (one && !each.present_only && !each.pattern && each.path == from.sources.front().path) {
                    return each.values;
                }
            }
            return std::vector<boost::json::value>();
        };
        for (const auto member : {&policies::tokens::claim_mapping::tenant, &policies::tokens::claim_mapping::user}) {
            const auto of_left = demanded(left, left.claims.*member);
            const auto of_right = demanded(right, right.claims.*member);
            const bool common = std::ranges::any_of(
                of_left, [&](const boost::json::value& value) { return std::ranges::find(of_right, value) != of_right.end(); });
            if (!of_left.empty() && !of_right.empty() && !common) {
                return true;
            }
        }
        return false;
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
    name_index upstreams_;
    name_index providers_;
    name_index listeners_;
    std::set<std::tuple<std::string, std::string, bool>> warned_pairs_; ///< and whether it is allowed
};

} // namespace

std::vector<compiled_route> compile_routes(reading& state, settings& from) {
    for (route_settings& each : from.routes) {
        default_fields().inherit(from.defaults, each);
    }
    route_compiler compiler(state, from);
    std::vector<compiled_route> routes;
    std::vector<place> name_places;
    for (const route_settings& each : from.routes) {
        if (auto made = compiler.compile(each)) {
            name_places.push_back(each.name.at);
            routes.push_back(std::move(*made));
        }
    }
    name_routes(state, routes, name_places);
    return routes;
}

} // namespace bearward::config
