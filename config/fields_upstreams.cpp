#include "config/encoding.hpp"
#include "config/fields.hpp"
#include "config/values.hpp"

#include <set>

namespace bearward::config {

using namespace std::chrono_literals;

namespace {

/// One that is named twice would get two pools and twice its share.
bool distinct_servers(reading& state, const cursor& at, const upstream_settings& upstream) {
    bool good = true;
    const entry* servers = at.value.find("servers");
    const key_path list{&at.path, "servers", 0};
    std::set<std::string> seen;
    for (std::size_t i = 0; i < upstream.servers.size(); ++i) {
        if (!seen.insert(upstream.servers[i].text).second) {
            const key_path step{&list, {}, i};
            good = state.error(cursor{servers->value.items[i], step}, quote(upstream.servers[i].text) + " is named twice");
        }
    }
    return good;
}

} // namespace

const section<upstream_settings>& upstream_fields() {
    static const section<upstream_settings> declared =
        section<upstream_settings>("upstream")
            .field(
                "servers", &upstream_settings::servers, list(server_address(), 1),
                "The app's servers: host:port, [v6]:port or unix:/path. One that refuses a connection is left alone for a while, and the "
                "request goes to the next.",
                presence::required)
            .field("balance", &upstream_settings::balance,
                   word<balancing>({{"round_robin", balancing::round_robin}, {"least_connections", balancing::least_connections}}),
                   "How the server of a request is chosen, by each worker for itself. least_connections: the one with the fewest requests "
                   "and WebSockets under way.")
            .field(
                "dns_refresh", &upstream_settings::dns_refresh, duration(100ms, 24h),
                "How often names of servers are looked up again. When that fails the known addresses stay in use; each address of a name "
                "is tried.")
            .field("connect_timeout", &upstream_settings::connect_timeout, duration(1ms, 10min),
                   "For a new connection. As long a request waits for servers that have just begun to refuse connections: a restart.")
            .field("response_timeout", &upstream_settings::response_timeout, duration(0ms, 24h),
                   "From the request's end to the response's head; 0: none.")
            .field("idle_timeout", &upstream_settings::idle_timeout, duration(1ms, 24h), "Of a pooled connection.")
            .field("max_idle_connections", &upstream_settings::max_idle_connections, integer<std::size_t>(0, 65'535), "Per server.")
            .field("forward_host", &upstream_settings::forward_host, boolean(), "false: Host is the server's own name.")
            .field("tls", &upstream_settings::tls, upstream_tls(), "TLS towards the servers; {} is enough.")
            .not_yet({"health_check"})
            .check(distinct_servers);
    return declared;
}

} // namespace bearward::config
