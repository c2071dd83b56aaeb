#include "proxy/upstream/server_settings.hpp"

namespace bearward::proxy::upstream {
namespace {

server_settings make_server_settings(const config::upstream_settings& from, const config::endpoint& server) {
    return {.upstream = from.name, .address = server, .dns_refresh = from.dns_refresh, .tls = from.tls};
}

} // namespace

pool_settings make_pool_settings(const config::upstream_settings& from, const config::endpoint& server) {
    return {.server = make_server_settings(from, server),
            .connect_timeout = from.connect_timeout,
            .idle_timeout = from.idle_timeout,
            .max_idle_connections = from.max_idle_connections};
}

std::optional<check_settings> make_check_settings(const config::upstream_settings& from, const config::endpoint& server) {
    if (!from.health_check) {
        return std::nullopt;
    }
    return check_settings{.server = make_server_settings(from, server), .how = *from.health_check};
}

} // namespace bearward::proxy::upstream
