#include "proxy/commands/import/envoy.hpp"
#include "proxy/commands/import/peer_values.hpp"

#include "config/endpoint.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;

/// host:port of a socket_address, unix:PATH of a pipe; empty for others.
std::string address_of(const node& address) {
    if (const node* const pipe = find(address, "pipe"); pipe != nullptr) {
        return "unix:" + text_at(*pipe, "path");
    }
    const node* const socket = find(address, "socket_address");
    if (socket == nullptr) {
        return "";
    }
    const std::string host = text_at(*socket, "address");
    return (host.contains(':') ? '[' + host + ']' : host) + ':' + text_at(*socket, "port_value");
}

void read_tls(const node& cluster, upstream& into, imported& out) {
    const node* const socket = find(cluster, "transport_socket");
    const node* const typed = socket != nullptr ? typed_config(*socket) : nullptr;
    if (typed == nullptr) {
        return;
    }
    if (type_of(*typed) != "UpstreamTlsContext") {
        out.say(typed->line, "a transport socket of a cluster that is no TLS: not translated");
        return;
    }
    into.tls = true;
    into.server_name = text_at(*typed, "sni");
    into.ca = text_of(find(*typed, {"common_tls_context", "validation_context", "trusted_ca", "filename"}));
    if (into.ca.empty()) {
        out.say(
            typed->line,
            "without a validation_context Envoy verifies no certificate of a cluster; here it is verified, by the system's authorities");
    } else if (into.ca.contains("/etc/ssl/certs/ca-certificates")) {
        into.ca.clear();
    }
    if (find(*typed, {"common_tls_context", "tls_certificates"}) != nullptr) {
        out.say(typed->line, "our own certificate towards a cluster: write `tls.certificate` and `tls.private_key` of the upstream");
    }
}

} // namespace

void envoy_clusters::read(const node& root, imported& out) {
    const node* const resources = importing::find(root, "static_resources");
    for (const node& each : items_at(resources != nullptr ? *resources : root, "clusters")) {
        const std::string name = text_at(each, "name");
        upstream made{.name = name, .servers = {}};
        for (const node& locality : items_at(
                 importing::find(each, "load_assignment") != nullptr ? *importing::find(each, "load_assignment") : each, "endpoints")) {
            for (const node& endpoint : items_at(locality, "lb_endpoints")) {
                const node* const address = importing::find(endpoint, {"endpoint", "address"});
                const std::string text = address != nullptr ? address_of(*address) : "";
                if (!config::parse_endpoint(text) || text.ends_with(":0")) {
                    out.say(endpoint.line, "an address of cluster '" + name + "' that can't be taken over");
                } else {
                    made.servers.push_back(text);
                }
            }
        }
        if (made.servers.empty()) {
            out.say(each.line, "cluster '" + name + "' names no address (" +
                                   (text_at(each, "type").empty() ? "its discovery" : text_at(each, "type")) + "): fill in its server");
            made.servers = {unknown_server};
        }
        const std::string policy = text_at(each, "lb_policy");
        made.least_connections = policy == "LEAST_REQUEST";
        if (!policy.empty() && policy != "ROUND_ROBIN" && policy != "LEAST_REQUEST") {
            out.say(each.line, "lb_policy " + policy + ": round_robin here");
        }
        made.connect_timeout =
            to_duration(text_at(each, "connect_timeout"), std::chrono::milliseconds(1), std::chrono::minutes(10)).value_or("");
        for (const node& check : items_at(each, "health_checks")) {
            made.health_path = text_of(importing::find(check, {"http_health_check", "path"}));
            made.health_path = is_plain_path(made.health_path) ? made.health_path : "";
        }
        read_tls(each, made, out);
        for (const node* key :
             other_keys(each, {"name", "type", "load_assignment", "lb_policy", "connect_timeout", "health_checks", "transport_socket",
                               "dns_lookup_family", "common_lb_config", "respect_dns_ttl", "dns_refresh_rate"})) {
            out.say(key->line, "cluster '" + name + "': " + key->text + ": not translated");
        }
        upstreams_[name] = find_upstream(out, made);
    }
}

std::string envoy_clusters::find(const std::string& cluster) const {
    const auto found = upstreams_.find(cluster);
    return found == upstreams_.end() ? "" : found->second;
}

} // namespace bearward::proxy::commands::importing
