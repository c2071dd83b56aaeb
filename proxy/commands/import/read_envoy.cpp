#include "proxy/commands/import/envoy_manager.hpp"
#include "proxy/commands/import/import_configuration.hpp"

#include "config/endpoint.hpp"

#include <algorithm>
#include <memory>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;

void read_listener_tls(const node& chain, listener& into, imported& out) {
    const node* const socket = find(chain, "transport_socket");
    const node* const typed = socket != nullptr ? typed_config(*socket) : nullptr;
    if (typed == nullptr) {
        return;
    }
    const node* const common = find(*typed, "common_tls_context");
    for (const node& each : items_at(common != nullptr ? *common : *typed, "tls_certificates")) {
        into.certificates.push_back(
            {text_of(find(each, {"certificate_chain", "filename"})), text_of(find(each, {"private_key", "filename"}))});
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
        out.warn(validation->line,
                 "more is asked of client certificates than who issued them: not translated; see providers of type certificate");
    }
}

/// Whether something besides the filters of its connections may refuse them, or has other rules for some.
bool refuses_connections(const node& listener, imported& out) {
    bool closed = false;
    const auto close = [&](int line, const std::string& what) {
        out.warn(line, what + ": the listener is closed");
        closed = true;
    };
    if (const node* const other = find(listener, "default_filter_chain"); other != nullptr) {
        close(other->line, "default_filter_chain has rules of its own");
    }
    for (const node& chain : items_at(listener, "filter_chains")) {
        if (const node* const match = find(chain, "filter_chain_match"); match != nullptr) {
            out.say(match->line, "filter_chain_match: what it does not match is taken here too");
            for (const node* key :
                 other_keys(*match, {"server_names", "transport_protocol", "application_protocols", "destination_port"})) {
                close(key->line, "filter_chain_match looks at " + key->text);
            }
        }
        for (const node* key : other_keys(chain, {"filters", "transport_socket", "filter_chain_match", "name"})) {
            out.say(key->line, key->text + " of a filter chain: not translated");
        }
    }
    constexpr std::string_view known[] = {"tls_inspector", "http_inspector", "original_dst", "original_src", "proxy_protocol"};
    for (const node& each : items_at(listener, "listener_filters")) {
        const std::string name = text_at(each, "name");
        const node* const typed = typed_config(each);
        const std::string type = typed != nullptr ? text_at(*typed, "@type") : "";
        const auto is = [&](std::string_view kind) {
            return type.empty() ? name.ends_with(kind) : type.contains(".listener." + std::string(kind) + '.');
        };
        if (std::ranges::none_of(known, is)) {
            close(each.line, "a listener filter that may refuse connections: " + name);
        } else if (is("proxy_protocol")) {
            out.say(each.line, "the PROXY protocol: write `proxy_protocol: any` and your balancer in trusted_proxies");
        }
    }
    return closed;
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
    for (const node* key : other_keys(
             *root, {"static_resources", "admin", "node", "listeners", "clusters", "layered_runtime", "stats_sinks", "overload_manager"})) {
        out.say(key->line, key->text + ": not translated; what is discovered is not in the file");
    }
    std::vector<std::unique_ptr<envoy_manager>> managers;
    std::vector<site> sites;
    for (const node& each : listeners) {
        listener made{.name = text_at(each, "name"), .address = {}, .certificates = {}, .client_ca = {}};
        const node* const socket = find(each, {"address", "socket_address"});
        made.address = socket != nullptr ? text_at(*socket, "address") + ':' + text_at(*socket, "port_value")
                                         : "unix:" + text_of(find(each, {"address", "pipe", "path"}));
        const bool repeated = std::ranges::find(out.listeners, made.name, &listener::name) != out.listeners.end();
        made.name = made.name.empty() || repeated ? "listener-" + std::to_string(out.listeners.size() + 1) : made.name;
        if (!config::parse_endpoint(made.address)) {
            out.say(each.line, "a listener whose address can't be one here: left out");
            continue;
        }
        envoy_manager* served = nullptr;
        bool closed = refuses_connections(each, out);
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
                managers.push_back(std::make_unique<envoy_manager>(*typed, clusters, out));
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
        for (const node* key : other_keys(each, {"name", "address", "filter_chains", "listener_filters", "default_filter_chain",
                                                 "traffic_direction", "per_connection_buffer_limit_bytes"})) {
            out.say(key->line, key->text + " of a listener: not translated");
        }
        if (served != nullptr) {
            out.listeners.push_back(std::move(made));
        }
    }
    plan_routes(sites, out);
}

} // namespace bearward::proxy::commands::importing
