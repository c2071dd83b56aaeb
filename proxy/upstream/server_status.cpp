#include "proxy/upstream/server_status.hpp"

#include <boost/json/object.hpp>

namespace bearward::proxy::upstream {

std::shared_ptr<server_status> status_registry::at(const std::string& upstream, const std::string& server) {
    const std::lock_guard lock(mutex_);
    auto& found = by_name_[{upstream, server}];
    if (!found) {
        found = std::make_shared<server_status>();
    }
    return found;
}

boost::json::array describe_upstreams(std::span<const config::upstream_settings> upstreams, status_registry& statuses) {
    boost::json::array all;
    for (const auto& each : upstreams) {
        boost::json::array servers;
        for (const auto& server : each.servers) {
            const auto status = statuses.at(each.name, server.text);
            const char* const health = !each.health_check ? "unchecked" : status->healthy.load() ? "healthy" : "unhealthy";
            servers.push_back(
                boost::json::object{{"address", server.text}, {"health", health}, {"failing_workers", status->failing_workers.load()}});
        }
        all.push_back(boost::json::object{{"name", each.name}, {"servers", std::move(servers)}});
    }
    return all;
}

} // namespace bearward::proxy::upstream
