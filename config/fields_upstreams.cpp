#include "config/fields.hpp"
#include "config/values.hpp"

namespace bearward::config {

using namespace std::chrono_literals;

const section<upstream_settings>& upstream_fields() {
    static const section<upstream_settings> declared =
        section<upstream_settings>("upstream")
            .field("servers", &upstream_settings::servers, list(server_address(), 1),
                   "The app's server: host:port, [v6]:port or unix:/path.", presence::required)
            .field("connect_timeout", &upstream_settings::connect_timeout, duration(1ms, 10min), "For a new connection.")
            .field("response_timeout", &upstream_settings::response_timeout, duration(0ms, 24h),
                   "From the request's end to the response's head; 0: none.")
            .field("idle_timeout", &upstream_settings::idle_timeout, duration(1ms, 24h), "Of a pooled connection.")
            .field("max_idle_connections", &upstream_settings::max_idle_connections, integer<std::size_t>(0, 65'535), "Per server.")
            .field("forward_host", &upstream_settings::forward_host, boolean(), "false: Host is the server's own name.")
            .not_yet({"balance", "dns_refresh", "health_check", "tls"})
            .check([](reading& state, const cursor& at, const upstream_settings& upstream) {
                if (upstream.servers.size() < 2) {
                    return true;
                }
                const entry* servers = at.value.find("servers");
                const key_path step{&at.path, "servers", 0};
                return state.error(cursor{servers->value, step}, "more than one server isn't supported yet");
            });
    return declared;
}

} // namespace bearward::config
