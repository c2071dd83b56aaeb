#include "proxy/commands/import/envoy.hpp"
#include "proxy/commands/import/import_configuration.hpp"
#include "proxy/commands/import/peer_values.hpp"
#include "proxy/commands/import/plan_routes.hpp"
#include "proxy/commands/import/strictness.hpp"

#include "config/endpoint.hpp"

#include <algorithm>
#include <memory>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;
using kind = access::kind;

/// Filters that refuse no request for who sends it.
constexpr std::string_view harmless_filters[] = {"router",     "compressor",   "decompressor", "grpc_web",   "grpc_stats", "health_check", "buffer",
                                                 "gzip",       "stateful_session", "cors",     "fault",      "tap",        "header_to_metadata", "set_metadata",
                                                 "on_demand",  "local_ratelimit",  "ratelimit", "grpc_http1_bridge", "grpc_json_transcoder", "cache"};

/// A route of Envoy: the first that fits counts.
struct envoy_route {
    envoy_match where;
    action does;
    std::optional<access> own; ///< its own rule of jwt_authn
};

/// A connection manager: its filters, and its hosts with their routes.
class manager {
public:
    manager(const node& of, const envoy_clusters& clusters, imported& out) : clusters_(clusters), out_(out) { read(of); }

    std::vector<site> sites(const std::string& listener) {
        std::vector<site> made;
        for (std::size_t i = 0; i < hosts_.size(); ++i) {
            site one{.hosts = hosts_[i].names, .listeners = {}, .patterns = rbac_.patterns, .methods = rbac_.methods};
            if (!listener.empty()) {
                one.listeners = {listener};
            }
            const auto add = [&](const envoy_match& match) {
                one.patterns.insert(one.patterns.end(), match.paths.begin(), match.paths.end());
                one.methods.insert(match.methods.begin(), match.methods.end());
            };
            std::ranges::for_each(hosts_[i].routes, [&](const envoy_route& each) { add(each.where); });
            std::ranges::for_each(jwt_.rules, [&](const envoy_jwt::rule& each) { add(each.where); });
            one.judge = [this, i](const slice& of, const std::string& method) { return judge(hosts_[i], of, method); };
            made.push_back(std::move(one));
        }
        return made;
    }

    /// Where something before it may refuse connections.
    void close() { closed_ = true; }

private:
    struct host {
        std::vector<std::string> names;
        std::vector<envoy_route> routes;
    };

    void read(const node& of) {
        for (const node& each : items_at(of, "http_filters")) {
            read_filter(each);
        }
        for (const node* key : other_keys(of, {"@type", "stat_prefix", "codec_type", "route_config", "http_filters", "access_log", "tracing", "server_name",
                                               "use_remote_address", "generate_request_id", "normalize_path", "merge_slashes", "path_with_escaped_slashes_action",
                                               "common_http_protocol_options", "http2_protocol_options", "upgrade_configs", "stream_idle_timeout", "request_timeout",
                                               "server_header_transformation", "http_protocol_options", "add_user_agent", "preserve_external_request_id"})) {
            out_.say(key->line, key->text + ": not translated");
        }
        const node* const routes = find(of, "route_config");
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

    void read_filter(const node& of) {
        const std::string name = text_at(of, "name");
        const node* const typed = typed_config(of);
        const std::string type = typed != nullptr ? type_of(*typed) : "";
        if (type == "JwtAuthentication" && !jwt_.present && !is_true(of, "disabled")) {
            jwt_.read(*typed, out_);
        } else if (type == "RBAC") {
            rbac_.read(*typed, jwt_, out_);
        } else if (is_in(harmless_filters, std::string_view(name).substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1))) {
            if (!name.ends_with("router")) {
                out_.say(of.line, "the filter " + name + " is not translated");
            }
        } else {
            out_.warn(of.line, "the filter " + name + " may refuse requests, and can't be translated: everything is closed");
            closed_ = true;
        }
    }

    void unknown_of_routes(const node& key) {
        if (key.text.contains("per_filter_config")) {
            out_.warn(key.line, key.text + ": not translated here: everything is closed");
            closed_ = true;
        } else {
            out_.say(key.line, key.text + ": not translated");
        }
    }

    void read_host(const node& of) {
        host made;
        for (const std::string& domain : texts_at(of, "domains")) {
            const std::string name = domain.substr(0, domain.starts_with('[') ? std::string::npos : domain.rfind(':'));
            const auto ours = config::parse_host_pattern(name);
            if (domain == "*") {
                made.names.clear();
                break;
            }
            if (ours && (!domain.contains('*') || domain.starts_with("*."))) {
                if (!is_in(made.names, *ours)) {
                    made.names.push_back(*ours);
                }
            } else {
                out_.say(of.line, "a domain that can't be a host here: " + domain);
            }
        }
        const std::vector<std::string> domains = texts_at(of, "domains");
        if (made.names.empty() && !is_in(domains, std::string("*"))) {
            return;
        }
        if (made.names.empty() && std::ranges::any_of(hosts_, [](const host& each) { return each.names.empty(); })) {
            out_.say(of.line, "a second virtual host for any domain: left out");
            return;
        }
        for (const host& each : hosts_) {
            std::erase_if(made.names, [&](const std::string& name) { return is_in(each.names, name); });
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
        if (!made.names.empty() || is_in(domains, std::string("*"))) {
            hosts_.push_back(std::move(made));
        }
    }

    void read_route(const node& of, host& into) {
        envoy_route made{.where = read_envoy_match(find(of, "match"), out_), .does = refused()};
        const node* const route = find(of, "route");
        if (route != nullptr) {
            made.does = read_target(of, *route);
        } else {
            out_.say(of.line, "a redirect or an answer of Envoy's own: refused here");
        }
        if (const node* const own = find(of, "typed_per_filter_config"); own != nullptr) {
            read_own_rules(*own, made);
        }
        for (const node* key : other_keys(of, {"match", "route", "name", "redirect", "direct_response", "typed_per_filter_config", "metadata", "decorator"})) {
            out_.say(key->line, key->text + " of a route: not translated");
        }
        into.routes.push_back(std::move(made));
    }

    action read_target(const node& of, const node& route) {
        action does{.who = {.who = kind::open, .providers = {}, .needs = {}}, .upstream = {}};
        std::string cluster = text_at(route, "cluster");
        if (const node* const weighted = find(route, {"weighted_clusters", "clusters"}); weighted != nullptr && !weighted->items.empty()) {
            cluster = text_at(weighted->items.front(), "name");
            out_.say(route.line, "of weighted_clusters the first is used");
        }
        does.upstream = clusters_.find(cluster);
        if (does.upstream.empty()) {
            out_.say(route.line, "a route to a cluster that is not in the file: refused");
            return refused();
        }
        const std::string rewrite = text_at(route, "prefix_rewrite");
        const std::string prefix = text_of(find(of, {"match", "prefix"}));
        const bool strips = rewrite == "/" && prefix.ends_with('/');
        if ((!rewrite.empty() && !strips && rewrite != prefix) || find(route, "regex_rewrite") != nullptr) {
            out_.say(route.line, "paths are not rewritten here, but for a prefix that is removed: refused");
            return refused();
        }
        does.strip_prefix = strips && prefix != "/";
        const std::string timeout = text_at(route, "timeout");
        does.response_timeout = timeout.empty() ? "15s" : timeout.starts_with("0s") || timeout == "0" ? "0" : to_duration(timeout).value_or("1h");
        for (const node* key : other_keys(route, {"cluster", "weighted_clusters", "prefix_rewrite", "regex_rewrite", "timeout", "upgrade_configs", "idle_timeout"})) {
            out_.say(key->line, key->text + " of a route: not translated");
        }
        return does;
    }

    void read_own_rules(const node& own, envoy_route& into) {
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

    /// The access and the target are found apart, by the first rule and the first route that fit.
    judgement judge(const host& of, const slice& paths, const std::string& method) const {
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

    void complete(action& does) const {
        const auto all_in = [&](const std::set<std::string>& names) {
            return !does.who.providers.empty() && std::ranges::all_of(does.who.providers, [&](const std::string& each) { return names.contains(each); });
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
        does.preflights_pass = jwt_.preflights_pass;
    }

    const envoy_clusters& clusters_;
    imported& out_;
    envoy_jwt jwt_;
    envoy_rbac rbac_;
    std::vector<host> hosts_;
    bool closed_ = false;
};

void read_listener_tls(const node& chain, listener& into, imported& out) {
    const node* const socket = find(chain, "transport_socket");
    const node* const typed = socket != nullptr ? typed_config(*socket) : nullptr;
    if (typed == nullptr) {
        return;
    }
    const node* const common = find(*typed, "common_tls_context");
    for (const node& each : items_at(common != nullptr ? *common : *typed, "tls_certificates")) {
        into.certificates.push_back({text_of(find(each, {"certificate_chain", "filename"})), text_of(find(each, {"private_key", "filename"}))});
    }
    std::erase_if(into.certificates, [](const listener::pair& each) { return each.certificate.empty() || each.private_key.empty(); });
    if (into.certificates.empty()) {
        out.say(typed->line, "TLS without certificates in files: fill in certificate.pem and private_key.pem");
        into.certificates.push_back({"certificate.pem", "private_key.pem"});
    }
    const node* const validation = common != nullptr ? find(*common, "validation_context") : nullptr;
    into.client_ca = validation != nullptr ? text_of(find(*validation, {"trusted_ca", "filename"})) : "";
    into.client_certificate_optional = !is_true(*typed, "require_client_certificate");
    if (is_true(*typed, "require_client_certificate") && into.client_ca.empty()) {
        out.warn(typed->line, "client certificates are required, but no trusted_ca is in a file: clients.crt stands for it");
        into.client_ca = "clients.crt";
    }
    if (validation != nullptr && !other_keys(*validation, {"trusted_ca"}).empty()) {
        out.warn(validation->line, "more is asked of client certificates than who issued them: not translated; see providers of type certificate");
    }
}

} // namespace

void read_envoy(const std::string& text, imported& out) {
    const auto root = parse_foreign_yaml(text, out);
    if (!root) {
        out.failed = true;
        return;
    }
    envoy_clusters clusters;
    clusters.read(*root, out);
    const node* const resources = find(*root, "static_resources");
    const auto& listeners = items_at(resources != nullptr ? *resources : *root, "listeners");
    for (const node* key : other_keys(*root, {"static_resources", "admin", "node", "listeners", "clusters", "layered_runtime", "stats_sinks", "overload_manager"})) {
        out.say(key->line, key->text + ": not translated; what is discovered is not in the file");
    }
    std::vector<std::unique_ptr<manager>> managers;
    std::vector<site> sites;
    for (const node& each : listeners) {
        listener made{.name = text_at(each, "name"), .address = {}, .certificates = {}, .client_ca = {}};
        const node* const socket = find(each, {"address", "socket_address"});
        made.address = socket != nullptr ? text_at(*socket, "address") + ':' + text_at(*socket, "port_value") : "unix:" + text_of(find(each, {"address", "pipe", "path"}));
        const bool repeated = std::ranges::find(out.listeners, made.name, &listener::name) != out.listeners.end();
        made.name = made.name.empty() || repeated ? "listener-" + std::to_string(out.listeners.size() + 1) : made.name;
        if (!config::parse_endpoint(made.address)) {
            out.say(each.line, "a listener whose address can't be one here: left out");
            continue;
        }
        manager* served = nullptr;
        bool closed = false;
        for (const node& chain : items_at(each, "filter_chains")) {
            for (const node& filter : items_at(chain, "filters")) {
                const node* const typed = typed_config(filter);
                if (typed == nullptr || type_of(*typed) != "HttpConnectionManager" || served != nullptr) {
                    out.warn(filter.line, (served != nullptr ? "of several filters of connections the first one's rules are translated: "
                                                             : "a filter of connections that may refuse them: ") +
                                              std::string("the listener is closed"));
                    closed = true;
                    continue;
                }
                managers.push_back(std::make_unique<manager>(*typed, clusters, out));
                served = managers.back().get();
            }
            if (made.certificates.empty()) {
                read_listener_tls(chain, made, out);
            }
        }
        if (served != nullptr && closed) {
            served->close();
        }
        if (served != nullptr) {
            for (site& one : served->sites(listeners.size() > 1 ? made.name : "")) {
                sites.push_back(std::move(one));
            }
        }
        for (const node* key : other_keys(each, {"name", "address", "filter_chains", "listener_filters", "traffic_direction", "per_connection_buffer_limit_bytes"})) {
            out.say(key->line, key->text + " of a listener: not translated");
        }
        if (served != nullptr) {
            out.listeners.push_back(std::move(made));
        }
    }
    plan_routes(sites, out);
}

} // namespace bearward::proxy::commands::importing
