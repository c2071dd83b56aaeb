// The admin listener (contract 8): unauthenticated, so it answers only on
// loopback's names and never takes a browser's cross-site POST.
#pragma once

#include "config/settings.hpp"
#include "proxy/control/reload_outcome.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy {

/// What the admin server asks the rest of the program. Called on its thread.
struct admin_source {
    /// Nothing when ready, else why not (one sentence).
    std::function<std::optional<std::string>()> why_not_ready;
    /// The body of /status.
    std::function<boost::json::object()> status;
    /// The body of /metrics (metrics_page).
    std::function<std::string()> metrics;
    /// The body of /config: every setting as it counts, secrets masked.
    std::function<boost::json::object()> config;
    /// What POST /reload asks; its answer comes on another thread. Empty: there is no such path.
    reload_request reload;
};

/// What a listener answers: all, or what kubelets and scrapers ask for from
/// elsewhere, under any Host.
enum class admin_scope : std::uint8_t { everything, probes };

/// Serves on the given io_context (the control thread's). GET and HEAD of
/// /healthz, /readyz, /status, /config, /metrics, and POST of /reload; 404 for other
/// paths, 405 for other methods, 403 when Host is neither loopback's nor in `hosts` or
/// a POST could be another site's. Destroy it on that thread, or
/// when nothing runs the io_context any more.
class admin_server {
public:
    /// Binds at once. Throws std::runtime_error that names the address.
    admin_server(boost::asio::io_context& context, const config::endpoint& address, std::vector<std::string> hosts, admin_source source,
                 admin_scope scope = admin_scope::everything);
    ~admin_server();
    admin_server(const admin_server&) = delete;
    admin_server& operator=(const admin_server&) = delete;

    /// The bound address, with the real port.
    [[nodiscard]] const std::string& address() const noexcept;
    /// Stops accepting and closes connections. On the io_context's thread.
    void close();

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace bearward::proxy
