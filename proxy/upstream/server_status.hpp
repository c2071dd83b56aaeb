// What is known of the servers in the whole process: how their health checks
// went, when one was last reached, and what went wrong last. Written rarely; what
// requests read takes no lock.
#pragma once

#include "config/settings.hpp"
#include "proxy/upstream/ejection.hpp"
#include "proxy/upstream/name_service.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace bearward::proxy::upstream {

/// Of one server. Thread-safe.
class server_status {
public:
    std::atomic<bool> healthy{true};       ///< by its health checks; true without them
    std::atomic<bool> sends_bodies{false}; ///< it once did where there is none: behind a 204 or a 304

    /// A connection was made to it.
    void connected(steady_time now) noexcept;
    /// When a connection was last made, by whichever thread; never: steady_time::min().
    [[nodiscard]] steady_time last_connected() const noexcept;
    /// It answered a request.
    void answered() noexcept {
        if (failed_.load(std::memory_order_relaxed)) {
            failed_.store(false, std::memory_order_relaxed);
        }
    }
    /// A connect or a request failed, for people: `connect 127.0.0.1:8000: Connection refused`.
    void failed(std::string_view cause);
    /// How its last health check went: what was wrong, as `health check: 500`; empty: nothing.
    void checked(std::string fault);
    /// What was wrong in its last health check; else what failed since it was last connected to or answered; empty: nothing.
    [[nodiscard]] std::string last_error() const;

private:
    std::atomic<steady_time::rep> last_connected_{steady_time::min().time_since_epoch().count()};
    std::atomic<bool> failed_{false};
    mutable std::mutex mutex_;
    std::string cause_; ///< of the last failure
    std::string fault_; ///< of the last health check
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
    explicit directory(lookup_function look_up, job_runner run = run_on_own_thread) : names(std::move(look_up), std::move(run)) {}

    name_service names;
    status_registry statuses;
};

/// For /status: each upstream by name with its servers; `healthy` is null where nothing checks.
[[nodiscard]] boost::json::object describe_upstreams(std::span<const config::upstream_settings> upstreams, status_registry& statuses);

} // namespace bearward::proxy::upstream
