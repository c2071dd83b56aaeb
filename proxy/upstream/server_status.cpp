#include "proxy/upstream/server_status.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace bearward::proxy::upstream {

void server_status::connected(steady_time now) noexcept {
    last_connected_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    answered();
}

steady_time server_status::last_connected() const noexcept {
    return steady_time{steady_time::duration{last_connected_.load(std::memory_order_relaxed)}};
}

void server_status::failed(std::string_view cause) {
    const std::lock_guard lock(mutex_);
    cause_ = cause;
    failed_.store(true, std::memory_order_relaxed);
}

void server_status::checked(std::string fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
}

std::string server_status::last_error() const {
    const std::lock_guard lock(mutex_);
    if (!fault_.empty()) {
        return fault_;
    }
    return failed_.load(std::memory_order_relaxed) ? cause_ : std::string{};
}

std::shared_ptr<server_status> status_registry::at(const std::string& upstream, const std::string& server) {
    const std::lock_guard lock(mutex_);
    auto& found = by_name_[{upstream, server}];
    if (!found) {
        found = std::make_shared<server_status>();
    }
    return found;
}

boost::json::object describe_upstreams(std::span<const config::upstream_settings> upstreams, status_registry& statuses) {
    boost::json::object all;
    for (const auto& each : upstreams) {
        boost::json::array servers;
        for (const auto& server : each.servers) {
            const auto status = statuses.at(each.name, server.text);
            const boost::json::value healthy = each.health_check ? boost::json::value(status->healthy.load()) : nullptr;
            const auto error = status->last_error();
            servers.push_back(boost::json::object{{"address", server.text},
                                                  {"healthy", healthy},
                                                  {"last_error", error.empty() ? boost::json::value(nullptr) : boost::json::value(error)}});
        }
        all[each.name] = boost::json::object{{"servers", std::move(servers)}};
    }
    return all;
}

} // namespace bearward::proxy::upstream
