#include "config/compile.hpp"
#include "config/encoding.hpp"

#include <algorithm>
#include <map>

namespace bearward::config {

namespace {

void check_listeners(reading& state, const settings& from) {
    std::map<std::string, const listener_settings*> names;
    std::map<std::string, const listener_settings*> addresses;
    for (const listener_settings& each : from.listen) {
        const std::string& name = each.name.empty() ? each.address.text : each.name;
        const bool free_port = each.address.port == 0 && each.address.unix_path.empty();
        if (!name.empty()) {
            if (const auto [first, fresh] = names.emplace(name, &each); !fresh && !(free_port && each.name.empty())) {
                state.error(each.at, "the listener at " + to_string(first->second->at.where) + " has the name " + quote(name) + " too");
                continue;
            }
        }
        if (!free_port) {
            if (const auto [first, fresh] = addresses.emplace(each.address.text, &each); !fresh && !each.address.text.empty()) {
                state.error(each.at, "the listener at " + to_string(first->second->at.where) + " has this address too");
            }
        }
    }
}

/// Without trusted peers nobody may send the header, and everybody would be taken
/// for a client; behind a balancer that is what was meant to be avoided.
void check_proxy_protocol(reading& state, const settings& from) {
    for (const listener_settings& each : from.listen) {
        if (each.proxy.value != proxy_protocol::off && from.trusted_proxies.empty()) {
            state.error(each.proxy.at, "needs trusted_proxies: the addresses of those that may send the header");
        }
    }
}

/// A unix socket has no name of its own that a certificate could have.
void check_upstream_names(reading& state, const settings& from) {
    for (const upstream_settings& each : from.upstreams) {
        const bool nameless = std::ranges::any_of(each.servers, [](const endpoint& server) { return !server.unix_path.empty(); });
        if (each.tls && each.tls->verify && each.tls->server_name.empty() && nameless) {
            state.error(each.tls->at, "needs server_name: a unix socket has no name that the certificate could have");
        }
    }
}

/// What the proxy listens on besides: an address can be bound once.
void check_admin_addresses(reading& state, const settings& from) {
    std::map<std::string, std::string> taken;
    for (const listener_settings& each : from.listen) {
        taken.emplace(each.address.text, "the listener at " + to_string(each.at.where));
    }
    for (const auto& [key, address] : {std::pair("address", &from.admin.address), std::pair("probes", &from.admin.probes)}) {
        const bool free_port = *address && (*address)->port == 0 && (*address)->unix_path.empty();
        if (!*address || free_port) {
            continue;
        }
        if (const auto [first, fresh] = taken.emplace((*address)->text, std::string("admin.") + key); !fresh) {
            state.error({from.admin.at.where, std::string("admin.") + key}, first->second + " has this address too");
        }
    }
}

} // namespace

void check_settings(reading& state, const settings& from) {
    check_listeners(state, from);
    check_admin_addresses(state, from);
    check_proxy_protocol(state, from);
    check_upstream_names(state, from);
}

} // namespace bearward::config
