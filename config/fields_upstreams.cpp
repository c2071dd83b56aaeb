#include "config/encoding.hpp"
#include "config/endpoint.hpp"
#include "config/fields.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <set>

namespace bearward::config {

using namespace std::chrono_literals;

namespace {

codec<std::string> check_path() {
    return parsed<std::string>(
        "a path such as /healthz",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            const bool good = written.starts_with('/') &&
                              std::ranges::all_of(written, [](char letter) { return letter > 0x20 && letter < 0x7F && letter != '#'; });
            return good ? std::expected<std::string, std::string>(written) : std::unexpected("not a path");
        },
        [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

const section<health_check_settings>& health_check_fields() {
    static const section<health_check_settings> declared =
        section<health_check_settings>("health_check")
            .field("path", &health_check_settings::path, check_path(), "What is asked for with GET. 2xx and 3xx are successes.")
            .field("interval", &health_check_settings::interval, duration(100ms, 1h), "From one check to the next.")
            .field("timeout", &health_check_settings::timeout, duration(1ms, 10min),
                   "From the begin of the connect to the head of the answer.")
            .field("healthy", &health_check_settings::healthy, integer<unsigned>(1, 100),
                   "So many successes in a row make a server healthy.")
            .field("unhealthy", &health_check_settings::unhealthy, integer<unsigned>(1, 100),
                   "So many failures in a row make it unhealthy.");
    return declared;
}

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

/// A note, since nothing keeps others away: whoever can reach the app there needs no token.
void note_distant_servers(reading& state, const cursor& at, const upstream_settings& upstream) {
    const auto distant = [](const endpoint& server) { return !is_local(server); };
    const auto first = std::ranges::find_if(upstream.servers, distant);
    if (first == upstream.servers.end()) {
        return;
    }
    const auto count = std::ranges::count_if(upstream.servers, distant);
    const key_path list{&at.path, "servers", 0};
    const auto index = static_cast<std::size_t>(first - upstream.servers.begin());
    const key_path step{&list, {}, index};
    state.note(state.place_of(cursor{at.value.find("servers")->value.items[index], step}),
               quote(first->text) + (count > 1 ? " and " + std::to_string(count - 1) + " more are" : " is") +
                   " reached over a network: whoever else reaches the app there needs no token; a unix socket or a loopback address "
                   "keeps others off, a network policy does elsewhere");
}

bool check_servers(reading& state, const cursor& at, const upstream_settings& upstream) {
    note_distant_servers(state, at, upstream);
    return distinct_servers(state, at, upstream);
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
            .field("write_timeout", &upstream_settings::write_timeout, duration(1ms, 1h),
                   "For a server that does not read the request (504). It starts again with each byte that the server takes.")
            .field("idle_timeout", &upstream_settings::idle_timeout, duration(1ms, 24h), "Of a pooled connection.")
            .field("max_idle_connections", &upstream_settings::max_idle_connections, integer<std::size_t>(0, 65'535),
                   "Per server, for each worker.")
            .field("forward_host", &upstream_settings::forward_host, boolean(), "false: Host is the server's own name.")
            .field("tls", &upstream_settings::tls, upstream_tls(), "TLS towards the servers; {} is enough.")
            .field("health_check", &upstream_settings::health_check, maybe(nested("health_check", &health_check_fields)),
                   "Asks each server every now and then; one that fails is asked only when no better one is left.")
            .check(check_servers);
    return declared;
}

} // namespace bearward::config
