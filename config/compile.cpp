#include "config/compile.hpp"

#include "config/allow_warnings.hpp"
#include "config/fields.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace bearward::config {

namespace {

/// Each load has its own generation: what was cached under an older one is never
/// taken for the newer one's.
std::uint64_t next_generation() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

policies::identity_header compile_identity_header(const identity_header_settings& from) {
    using source = policies::identity_header::source;
    const std::vector<std::pair<std::string_view, source>> words{{"user", source::user},
                                                                 {"tenant", source::tenant},
                                                                 {"roles", source::roles},
                                                                 {"scopes", source::scopes},
                                                                 {"provider", source::provider}};
    policies::identity_header made;
    made.name = from.name;
    for (const auto& [word, each] : words) {
        if (from.from.word == word) {
            made.from = each;
            return made;
        }
    }
    if (const auto fact = policies::find_word(policies::requests::certificate_fact_table, from.from.word)) {
        made.from = source::certificate;
        made.certificate = *fact;
        return made;
    }
    made.from = source::claim;
    constexpr std::string_view claims = "claims.";
    if (from.from.word.starts_with(claims)) {
        made.claim = policies::tokens::claim_path::parse(std::string_view(from.from.word).substr(claims.size()))
                         .value_or(policies::tokens::claim_path{});
    }
    return made;
}

using policies::rules::path_comparison;

path_comparison compared_as(const path_settings& paths) {
    return {.ignore_case = paths.letter_case == spelling::same, .ignore_final_slash = paths.trailing_slash == spelling::same};
}

path_comparison ignored_at_most(const path_settings& paths) {
    return {.ignore_case = paths.letter_case != spelling::distinct, .ignore_final_slash = paths.trailing_slash != spelling::distinct};
}

/// Where any route takes ambiguous paths they have to be read before it is known whose they are.
policies::requests::path_rules make_path_rules(const path_settings& paths, const std::vector<compiled_route>& routes) {
    using policies::requests::ambiguous_paths;
    const bool any = paths.ambiguous == ambiguous_paths::allow ||
                     std::ranges::any_of(routes, [](const compiled_route& each) { return each.route.ambiguous == ambiguous_paths::allow; });
    return {.ambiguous = any ? ambiguous_paths::allow : ambiguous_paths::reject, .merge_slashes = paths.merge_slashes};
}

/// Two routes that match the same requests leave the choice to chance.
policies::rules::route_table make_table(reading& state, std::vector<compiled_route>&& compiled, const path_settings& paths) {
    std::vector<policies::rules::route> routes;
    std::vector<place> places;
    for (compiled_route& each : compiled) {
        routes.push_back(std::move(each.route));
        places.push_back(std::move(each.at));
    }
    policies::rules::route_table table(std::move(routes), compared_as(paths), ignored_at_most(paths));
    for (const auto& [left, right] : table.conflicts()) {
        const auto [first, second] = std::minmax(left, right);
        state.error(places[second], "matches the same requests as the route '" + table.routes()[first].name + "' at " +
                                        to_string(places[first].where) + "; tell them apart by path, hosts, methods or listeners");
    }
    for (const auto& [left, right] : table.guarded_conflicts()) {
        const auto [first, second] = std::minmax(left, right);
        state.error(places[second], "differs from the route '" + table.routes()[first].name + "' at " + to_string(places[first].where) +
                                        " only in what the app may ignore, case or a / at the end; `paths` says what it does: case: "
                                        "sensitive, or trailing_slash: distinct, where it tells them apart");
    }
    return table;
}

/// As it counts: the routes have their defaults.
boost::json::object show_effective(const settings& from) {
    boost::json::object shown = document_fields().show(from).as_object();
    shown.erase("defaults");
    return shown;
}

} // namespace

std::string to_string(const mark& where) {
    return where.file + ':' + std::to_string(where.line) + ':' + std::to_string(where.column);
}

configuration compile(reading& state, settings&& from) {
    check_settings(state, from);
    auto rules = std::make_shared<policies::snapshot>();
    rules->generation = next_generation();
    rules->providers = compile_providers(state, from);
    configuration made;
    load_revocations(state, from, rules->providers, made);
    rules->receivers = compile_receivers(state, from, rules->providers);
    load_certificates(state, from);
    for (const provider_settings& each : from.providers) {
        made.revocation_redis.push_back(each.revocation ? each.revocation->redis : std::nullopt);
    }
    made.key_sources = compile_key_sources(state, from);
    rules->assertion = compile_assertion(state, from);
    made.introspection_endpoints = compile_introspection_endpoints(from);
    rules->ambiguous = from.paths.ambiguous;
    rules->headers = from.headers;
    for (const identity_header_settings& each : from.identity_headers) {
        rules->identity_headers.push_back(compile_identity_header(each));
    }
    std::vector<compiled_route> routes = compile_routes(state, from);
    check_headers(state, from);
    check_cors(state, from);
    check_cookies(state, from);
    check_audience(state, from, routes);
    check_issuers(state, from);
    check_coverage(state, routes, ignored_at_most(from.paths));
    check_tests(state, from, routes);
    rules->path_reading = make_path_rules(from.paths, routes);
    rules->limits_rates = std::ranges::any_of(routes, [](const compiled_route& each) { return each.route.rate.has_value(); });
    rules->cors = compile_cors(from);
    rules->resources = compile_resources(state, from);
    rules->has_preflights =
        std::ranges::any_of(routes, [](const compiled_route& each) { return each.route.cors.use != policies::requests::cors_use::off; });
    rules->renewal = compile_renewal(state, from, routes);
    rules->routes = make_table(state, std::move(routes), from.paths);
    apply_allowed_warnings(state, from);

    made.effective = show_effective(from);
    made.threads = from.threads;
    made.user = std::move(from.user);
    made.listeners = std::move(from.listen);
    for (listener_settings& each : made.listeners) {
        if (each.name.empty()) {
            each.name = each.address.text;
        }
    }
    made.admin = std::move(from.admin);
    made.trusted_proxies = std::move(from.trusted_proxies);
    made.upstreams = std::move(from.upstreams);
    made.limits = from.limits;
    made.headers = from.headers;
    made.tracing = std::move(from.tracing);
    made.errors = std::move(from.errors);
    made.log = std::move(from.log);
    made.tests = std::move(from.tests);
    made.rules = std::move(rules);
    return made;
}

} // namespace bearward::config
