#include "tests/simulation/rule_book.hpp"

#include "tests/simulation/certificates.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <tuple>

namespace bearward::simulation {
namespace {

bool is_below(std::string_view path, std::string_view prefix) {
    return prefix == "/" || (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/'));
}

void choose_rules(rule_book& into, choices& random) {
    into.rules.push_back({.prefix = "/", .close_on_expiry = random.percent(80)});
    into.rules.push_back({.prefix = "/open", .token_required = random.percent(30)});
    into.rules.push_back({.prefix = "/admin", .role = random.percent(70) ? "admin" : "reader"});
    into.rules.push_back({.prefix = "/tenants", .own_tenant = random.percent(70)});
    into.rules.push_back(
        {.prefix = "/listed", .methods = random.percent(50) ? std::vector<std::string>{"GET"} : std::vector<std::string>{"GET", "POST"}});
    into.rules.push_back({.prefix = "/small", .token_required = false, .max_body = random.between(1, 3000)});
    into.rules.push_back({.prefix = "/patient", .token_required = false, .patient = true});
    into.looks_at_revocations = random.percent(60);
    for (const auto port : app_ports) {
        if (into.servers.empty() || random.percent(50)) {
            into.servers.push_back(port);
        }
    }
    into.by_name = random.percent(30);
    into.rules.push_back(
        {.prefix = "/kept", .role = random.percent(85) ? "" : "reader", .close_on_expiry = random.percent(90), .renewal = true});
}

std::string write_rule(const rule& from) {
    std::string text = "  - {prefix: \"" + from.prefix + (from.own_tenant ? "/{tenant}" : "") + "\"";
    text += from.token_required ? "" : ", auth: none";
    text += from.role.empty() ? "" : ", require: {roles: [" + from.role + "]}";
    text += from.own_tenant ? ", require: {tenant: \"{tenant}\"}" : "";
    if (!from.close_on_expiry || from.renewal) {
        text += std::string(", websocket: {close_on_expiry: ") + (from.close_on_expiry ? "true" : "false") +
                ", renewal: " + (from.renewal ? "true" : "false") + "}";
    }
    if (!from.methods.empty()) {
        std::string list;
        for (const auto& each : from.methods) {
            list += (list.empty() ? "" : ", ") + each;
        }
        text += ", methods: [" + list + "]";
    }
    text += from.patient ? ", response_timeout: 0s" : "";
    text += from.max_body ? ", max_body: " + std::to_string(*from.max_body) : "";
    return text + "}\n";
}

std::string write_yaml(const rule_book& from) {
    std::string servers;
    for (const auto port : from.servers) {
        servers +=
            (servers.empty() ? "\"" : ", \"") + std::string(from.by_name ? "app.test" : "127.0.0.1") + ":" + std::to_string(port) + "\"";
    }
    const auto& given = files();
    std::string text = "version: 1\nthreads: 1\nadmin: {address: \"off\"}\nlog: {access: \"off\", level: error}\n"
                       "trusted_proxies: [10.0.0.0/8]\n"
                       "listen: [{name: main, address: \"127.0.0.1:1\"";
    text += from.proxy_headers ? ", proxy_protocol: any" : "";
    text += from.client_tls
                ? ", tls: {certificates: [{certificate: \"" + given.certificate + "\", private_key: \"" + given.private_key + "\"}]}"
                : "";
    text += "}]\nlimits: {request_head_timeout: " + std::to_string(request_head_timeout.count()) +
            "s, request_body_timeout: 8s, write_timeout: 9s, idle_timeout: 20s}\n"
            "upstreams: {app: {servers: [" +
            servers + "], connect_timeout: " + std::to_string(connect_timeout.count()) +
            "s, response_timeout: 6s, write_timeout: 7s, idle_timeout: 15s, dns_refresh: 10s, "
            "health_check: {path: /healthz}";
    text += from.upstream_tls ? ", tls: {ca: \"" + given.certificate + "\", server_name: app.test}" : "";
    text += "}}\nproviders: {main: {issuer: \"https://id.test/\", audiences: [app], algorithms: [HS256], clock_skew: 0s, keys: {secret: "
            "{value: \"" +
            std::string(token_secret) + "\"}}";
    text += from.looks_at_revocations ? ", revocation: {file: \"" + given.revoked + "\"}" : "";
    text += "}}\ndefaults: {upstream: app, providers: [main]}\nroutes:\n";
    for (const auto& each : from.rules) {
        text += write_rule(each);
    }
    return text;
}

} // namespace

const rule& rule_book::find(std::string_view path) const {
    const rule* best = &rules.front();
    for (const auto& each : rules) {
        const bool deep_enough = !each.own_tenant || path.size() > each.prefix.size() + 1;
        if (is_below(path, each.prefix) && deep_enough && each.prefix.size() > best->prefix.size()) {
            best = &each;
        }
    }
    return *best;
}

verdict rule_book::judge(std::string_view method, std::string_view path, const credential& who, std::optional<std::size_t> body_size,
                         nanoseconds now) const {
    const rule& applies = find(path);
    if (!applies.methods.empty() && std::ranges::find(applies.methods, method == "HEAD" ? "GET" : method) == applies.methods.end()) {
        return verdict::no_such_method;
    }
    if (applies.token_required) {
        if (!who.genuine || now >= who.expires || (looks_at_revocations && who.revoked)) {
            return verdict::unauthenticated;
        }
        if (!applies.role.empty() && who.role != applies.role) {
            return verdict::forbidden;
        }
        if (applies.own_tenant) {
            const auto rest = path.substr(applies.prefix.size() + 1);
            if (rest.substr(0, rest.find('/')) != who.tenant) {
                return verdict::forbidden;
            }
        }
    }
    return applies.max_body && body_size && *body_size > *applies.max_body ? verdict::too_large : verdict::permitted;
}

const rule_book& find_rule_book(const transport& speaks, unsigned number) {
    static std::map<std::tuple<bool, bool, bool, unsigned>, std::unique_ptr<const rule_book>> known;
    auto& found = known[{speaks.client_tls, speaks.upstream_tls, speaks.proxy_headers, number}];
    if (found) {
        return *found;
    }
    const outside real; // it reads files
    auto made = std::make_unique<rule_book>();
    choices random(number + 1);
    choose_rules(*made, random);
    made->client_tls = speaks.client_tls;
    made->upstream_tls = speaks.upstream_tls;
    made->proxy_headers = speaks.proxy_headers;
    const auto text = write_yaml(*made);
    auto result = config::load_text(text, "simulation.yaml");
    if (!result.loaded) {
        std::string message = "the simulation's configuration is refused:\n" + text;
        for (const auto& what : result.diagnostics) {
            message += config::to_string(what) + '\n';
        }
        throw std::runtime_error(message);
    }
    made->loaded = std::move(*result.loaded);
    found = std::move(made);
    return *found;
}

} // namespace bearward::simulation
