// What is known of the servers in the whole process: how their health checks
// went, and who fails to connect. Written rarely; read without a lock.
#pragma once

#include "config/settings.hpp"
#include "proxy/upstream/name_service.hpp"

#include <boost/json/array.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace bearward::proxy::upstream {

/// Of one server. Thread-safe.
struct server_status {
    std::atomic<bool> healthy{true};               ///< by its health checks; true without them
    std::atomic<std::uint32_t> failing_workers{0}; ///< whose last connect failed
};

/// By upstream and server; it only grows. Thread-safe.
class status_registry {
public:
    [[nodiscard]] std::shared_ptr<server_status> at(const std::string& upstream, const std::string& server);

private:
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<server_status>> by_name_;
};

/// What the threads of a process share about servers.
struct directory {
    explicit directory(lookup_function look_up) : names(std::move(look_up)) {}

    name_service names;
    status_registry statuses;
};

/// For /status: each upstream with its servers.
[[nodiscard]] boost::json::array describe_upstreams(std::span<const config::upstream_settings> upstreams, status_registry& statuses);

} // namespace bearward::proxy::upstream
