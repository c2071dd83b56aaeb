#include "config/compile.hpp"
#include "config/encoding.hpp"
#include "policies/requests/network.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace bearward::config {

namespace {

void check_listeners(reading& state, const settings& from) {
    std::map<std::string, const listener_settings*> names;
    for (const listener_settings& each : from.listen) {
        const std::string& name = each.name.empty() ? each.address.text : each.name;
        const bool free_port = each.address.port == 0 && each.address.unix_path.empty();
        if (!name.empty()) {
            if (const auto [first, fresh] = names.emplace(name, &each); !fresh && !(free_port && each.name.empty())) {
                state.error(each.at, "the listener at " + to_string(first->second->at.where) + " has the name " + quote(name) + " too");
                continue;
            }
        }
    }
}

/// Without trusted peers nobody may send the header, and everybody would be taken
/// for a client; behind a balancer that is what was meant to be avoided.
void check_proxy_protocol(reading& state, const settings& from) {
    for (const listener_settings& each : from.listen) {
        if (each.proxy.value != proxy_protocol::off && each.mode == listener_mode::forward_auth) {
            state.error(each.proxy.at, "a forward_auth listener is asked by the other proxy itself, whose address counts: leave it off");
        } else if (each.proxy.value != proxy_protocol::off && from.trusted_proxies.empty()) {
            state.error(each.proxy.at, "needs trusted_proxies: the addresses of those that may send the header");
        }
    }
}

/// A unix socket has no name of its own that a certificate could have.
void check_upstream_names(reading& state, const settings& from) {
    for (const upstream_settings& each : from.upstreams) {
        const bool nameless = std::ranges::any_of(each.servers, [](const endpoint& server) { return !server.unix_path.empty(); });
        const bool is_read = each.tls && !each.tls->at.path.empty(); // what is no map was refused already
        if (is_read && each.tls->verify && each.tls->server_name.empty() && nameless) {
            state.error(each.tls->at, "needs server_name: a unix socket has no name that the certificate could have");
        }
    }
}

/// One of the addresses that are to be bound.
struct wanted_address {
    const endpoint* address;
    place at;
    std::string name;
};

/// Whether an address stands for others too: every one, or every one of IPv4.
enum class reach : std::uint8_t { one_v6, one_v4, all_v4, all };

reach reach_of(const endpoint& address) {
    const auto ip = policies::requests::parse_ip_address(address.host);
    if (ip == policies::requests::ip_address{}) {
        return reach::all;
    }
    if (ip == policies::requests::parse_ip_address("0.0.0.0")) {
        return reach::all_v4;
    }
    const bool v6 = ip && address.host.find(':') != std::string::npos;
    return v6 ? reach::one_v6 : reach::one_v4;
}

/// Whether both, of which neither is a unix socket, take the connections to some address.
bool overlap(const endpoint& one, const endpoint& other) {
    const auto narrow = std::min(reach_of(one), reach_of(other));
    const auto wide = std::max(reach_of(one), reach_of(other));
    return one.port == other.port && (wide == reach::all || (wide == reach::all_v4 && narrow != reach::one_v6));
}

/// The kernel would refuse the second one, with words about another process.
void check_addresses(reading& state, const settings& from) {
    std::vector<wanted_address> all;
    all.reserve(from.listen.size() + 2);
    for (const listener_settings& each : from.listen) {
        all.push_back({&each.address, each.at, "the listener at " + to_string(each.at.where)});
    }
    for (const auto& [key, address] : {std::pair("admin.address", &from.admin.address), std::pair("admin.probes", &from.admin.probes)}) {
        if (*address) {
            all.push_back({&**address, {from.admin.at.where, key}, key});
        }
    }
    std::erase_if(all, [](const wanted_address& each) { // what is not written, and ports that will differ
        return each.address->text.empty() || (each.address->port == 0 && each.address->unix_path.empty());
    });
    for (auto later = all.begin(); later != all.end(); ++later) {
        for (auto before = all.begin(); before != later; ++before) {
            if (before->address->text == later->address->text) {
                state.error(later->at, before->name + " has this address too");
                break;
            }
            if (before->address->unix_path.empty() && later->address->unix_path.empty() && overlap(*before->address, *later->address)) {
                state.error(later->at, before->name +
                                           " takes some of the same connections: 0.0.0.0 stands for every IPv4 address, [::] for "
                                           "every address of both families; leave one of them out or take another port");
                break;
            }
        }
    }
}

/// Kubernetes kills what has not ended 30 s after SIGTERM.
void check_drain(reading& state, const settings& from) {
    constexpr milliseconds most{29'000};
    if (from.limits.drain_delay + from.limits.drain_timeout > most) {
        state.warning(from.limits.at, warning_code::long_drain,
                      "drain_delay and drain_timeout are over 29s together: Kubernetes ends a process after 30s "
                      "(terminationGracePeriodSeconds), in the midst of what is still open");
    }
}

} // namespace

void check_settings(reading& state, const settings& from) {
    check_listeners(state, from);
    check_addresses(state, from);
    check_drain(state, from);
    check_proxy_protocol(state, from);
    check_upstream_names(state, from);
}

} // namespace bearward::config
