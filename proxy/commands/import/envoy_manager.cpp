#include "proxy/commands/import/envoy_manager.hpp"

#include "proxy/commands/import/peer_values.hpp"
#include "proxy/commands/import/strictness.hpp"

#include "config/endpoint.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;
using kind = access::kind;

} // namespace

std::vector<site> envoy_manager::sites(const std::string& listener) {
    std::vector<site> made;
    std::vector<std::pair<const host*, std::vector<std::string>>> all;
    for (const host& each : hosts_) {
        if (each.any) {
            all.emplace_back(&each, std::vector<std::string>());
        }
        if (!each.names.empty()) {
            all.emplace_back(&each, each.names);
        }
    }
    for (const auto& each : all) {
        const host* const of = each.first;
        site one{.hosts = each.second, .listeners = {}, .patterns = rbac_.patterns, .methods = rbac_.methods};
        if (!listener.empty()) {
            one.listeners = {listener};
        }
        const auto add = [&](const envoy_match& match) {
            one.patterns.insert(one.patterns.end(), match.paths.begin(), match.paths.end());
            one.methods.insert(match.methods.begin(), match.methods.end());
        };
        std::ranges::for_each(of->routes, [&](const envoy_route& route) { add(route.where); });
        std::ranges::for_each(jwt_.rules, [&](const envoy_jwt::rule& rule) { add(rule.where); });
        one.judge = [this, of](const slice& paths, const std::string& method) { return judge(*of, paths, method); };
        made.push_back(std::move(one));
    }
    return made;
}

envoy_manager::envoy_manager(const node& of, const envoy_clusters& clusters, imported& out) : clusters_(clusters), out_(out) {
    for (const node& each : items_at(of, "http_filters")) {
        read_filter(each);
    }
    for (const node* key : other_keys(of, {"@type",
                                           "stat_prefix",
                                           "codec_type",
                                           "route_config",
                                           "http_filters",
                                           "access_log",
                                           "tracing",
                                           "server_name",
                                           "use_remote_address",
                                           "generate_request_id",
                                           "normalize_path",
                                           "merge_slashes",
                                           "path_with_escaped_slashes_action",
                                           "common_http_protocol_options",
                                           "http2_protocol_options",
                                           "upgrade_configs",
                                           "stream_idle_timeout",
                                           "request_timeout",
                                           "server_header_transformation",
                                           "http_protocol_options",
                                           "add_user_agent",
                                           "preserve_external_request_id"})) {
        out_.say(key->line, key->text + ": not translated");
    }
    const node* const routes = importing::find(of, "route_config");
    if (routes == nullptr) {
        out_.say(of.line, "routes that are discovered (rds) are not in the file: nothing is forwarded for them");
        return;
    }
    for (const node& each : items_at(*routes, "virtual_hosts")) {
        read_host(each);
    }
    for (const node* key : other_keys(*routes, {"name", "virtual_hosts", "validate_clusters"})) {
        unknown_of_routes(*key);
    }
}

void envoy_manager::read_filter(const node& of) {
    const std::string name = text_at(of, "name");
    const node* const typed = typed_config(of);
    const std::string type = typed != nullptr ? type_of(*typed) : "";
    if (type == "JwtAuthentication" && !jwt_.present && !is_true(of, "disabled")) {
        jwt_.read(*typed, out_);
    } else if (type == "RBAC") {
        rbac_.read(*typed, jwt_, out_);
    } else if (const std::string harmless = harmless_filter(of); !harmless.empty()) {
        if (harmless != "router") {
            out_.say(of.line, "the filter " + name + " is not translated");
        }
    } else {
        out_.warn(of.line, "the filter " + name + " may refuse requests, and can't be translated: everything is closed");
        closed_ = true;
    }
}

void envoy_manager::unknown_of_routes(const node& key) {
    if (key.text.contains("per_filter_config")) {
        out_.warn(key.line, key.text + ": not translated here: everything is closed");
        closed_ = true;
    } else {
        out_.say(key.line, key.text + ": not translated");
    }
}

bool envoy_manager::read_domains(const node& of, host& into) {
    const std::vector<std::string> domains = texts_at(of, "domains");
    for (const std::string& domain : domains) {
        if (domain == "*") {
            into.any = std::ranges::none_of(hosts_, &host::any);
            if (!into.any) {
                out_.say(of.line, "a second virtual host for any domain: left out");
            }
            continue;
        }
        const std::string name = domain.substr(0, domain.starts_with('[') ? std::string::npos : domain.rfind(':'));
        const auto ours = config::parse_host_pattern(name);
        if (!ours || (domain.contains('*') && !domain.starts_with("*."))) {
            out_.warn(of.line,
                      "a domain that can't be a host here: " + domain + "; requests for it are judged by the other virtual hosts' rules");
            continue;
        }
        const bool taken = std::ranges::any_of(hosts_, [&](const host& each) { return is_in(each.names, *ours); });
        if (!taken && !is_in(into.names, *ours)) {
            into.names.push_back(*ours);
        }
    }
    return into.any || !into.names.empty();
}

void envoy_manager::read_host(const node& of) {
    host made;
    if (!read_domains(of, made)) {
        return;
    }
    if (text_at(of, "require_tls") == "ALL") {
        out_.say(of.line, "require_tls: Bearward does not redirect to https");
    }
    for (const node& each : items_at(of, "routes")) {
        read_route(each, made);
    }
    for (const node* key : other_keys(of, {"name", "domains", "routes", "require_tls", "cors"})) {
        unknown_of_routes(*key);
    }
    hosts_.push_back(std::move(made));
}

void envoy_manager::read_route(const node& of, host& into) {
    envoy_route made{.where = read_envoy_match(importing::find(of, "match"), out_), .does = refused()};
    const node* const route = importing::find(of, "route");
    if (route != nullptr) {
        made.does = read_target(of, *route);
    } else {
        out_.say(of.line, "a redirect or an answer of Envoy's own: refused here");
    }
    if (const node* const own = importing::find(of, "typed_per_filter_config"); own != nullptr) {
        read_own_rules(*own, made);
    }
    for (const node* key :
         other_keys(of, {"match", "route", "name", "redirect", "direct_response", "typed_per_filter_config", "metadata", "decorator"})) {
        out_.say(key->line, key->text + " of a route: not translated");
    }
    into.routes.push_back(std::move(made));
}

action envoy_manager::read_target(const node& of, const node& route) {
    action does{.who = {.who = kind::open, .providers = {}, .needs = {}}, .upstream = {}};
    std::string cluster = text_at(route, "cluster");
    if (const node* const weighted = importing::find(route, {"weighted_clusters", "clusters"});
        weighted != nullptr && !weighted->items.empty()) {
        cluster = text_at(weighted->items.front(), "name");
        out_.say(route.line, "of weighted_clusters the first is used");
        for (const node& each : weighted->items) {
            if (importing::find(each, "typed_per_filter_config") != nullptr) {
                out_.warn(each.line, "a filter's own rules for a cluster: the route is closed");
                return refused();
            }
        }
    }
    does.upstream = clusters_.find(cluster);
    if (does.upstream.empty()) {
        out_.say(route.line, "a route to a cluster that is not in the file: refused");
        return refused();
    }
    const std::string rewrite = text_at(route, "prefix_rewrite");
    const std::string prefix = text_of(importing::find(of, {"match", "prefix"}));
    const bool strips = rewrite == "/" && prefix.ends_with('/');
    if ((!rewrite.empty() && !strips && rewrite != prefix) || importing::find(route, "regex_rewrite") != nullptr) {
        out_.say(route.line, "paths are not rewritten here, but for a prefix that is removed: refused");
        return refused();
    }
    does.strip_prefix = strips && prefix != "/";
    const std::string timeout = text_at(route, "timeout");
    does.response_timeout = timeout.empty()                               ? "15s"
                            : timeout.starts_with("0s") || timeout == "0" ? "0"
                                                                          : to_duration(timeout).value_or("1h");
    for (const node* key : other_keys(
             route, {"cluster", "weighted_clusters", "prefix_rewrite", "regex_rewrite", "timeout", "upgrade_configs", "idle_timeout"})) {
        out_.say(key->line, key->text + " of a route: not translated");
    }
    return does;
}

void envoy_manager::read_own_rules(const node& own, envoy_route& into) {
    for (const config::entry& each : own.entries) {
        if (each.key.text != "envoy.filters.http.jwt_authn") {
            out_.warn(each.key.line, "a filter's own rules for a route: " + each.key.text + ": the route is closed");
            into.own = access{};
            return;
        }
        const std::string name = text_at(each.value, "requirement_name");
        if (is_true(each.value, "disabled")) {
            into.own = access{.who = kind::open, .providers = {}, .needs = {}};
        } else if (jwt_.named.contains(name)) {
            into.own = jwt_.named.at(name);
        } else {
            out_.warn(each.key.line, "rules of jwt_authn for a route that are not understood: the route is closed");
            into.own = access{};
        }
    }
}

judgement envoy_manager::judge(const host& of, const slice& paths, const std::string& method) const {
    std::vector<access> rules;
    bool sure = false;
    for (const envoy_jwt::rule& each : jwt_.rules) {
        const fit fits = each.where.fits(paths, method);
        if (fits != fit::no) {
            rules.push_back(each.who);
        }
        if (fits == fit::yes) {
            sure = true;
            break;
        }
    }
    if (!sure) {
        rules.push_back({.who = kind::open, .providers = {}, .needs = {}});
    }
    judgement found;
    for (const envoy_route& each : of.routes) {
        const fit fits = each.where.fits(paths, method);
        if (fits == fit::no) {
            continue;
        }
        const std::vector<access> here = each.own ? std::vector<access>{*each.own} : rules;
        for (std::size_t i = 0; i < here.size(); ++i) {
            action does = each.does;
            does.who = closed_ || does.upstream.empty() ? access{} : rbac_.restrict(here[i], paths, method);
            complete(does);
            if (fits == fit::yes && i + 1 == here.size()) {
                found.sure = does;
            } else {
                found.maybe.push_back(does);
            }
        }
        if (fits == fit::yes) {
            break;
        }
    }
    return found;
}

void envoy_manager::complete(action& does) const {
    const auto all_in = [&](const std::set<std::string>& names) {
        return !does.who.providers.empty() &&
               std::ranges::all_of(does.who.providers, [&](const std::string& each) { return names.contains(each); });
    };
    const auto any_in = [&](const std::set<std::string>& names) {
        return std::ranges::any_of(does.who.providers, [&](const std::string& each) { return names.contains(each); });
    };
    does.forward_token = all_in(jwt_.forwards);
    if (any_in(jwt_.in_query)) {
        does.token_from.emplace_back("query");
    }
    if (any_in(jwt_.in_cookie)) {
        does.token_from.emplace_back("cookie");
    }
    does.preflights_pass = jwt_.preflights_pass && !rbac_.present(); // which refuses them too
}

} // namespace bearward::proxy::commands::importing
