// The admin listener (contract 8): unauthenticated, so it answers only on
// loopback's names and never takes a browser's cross-site POST.
#pragma once

#include "config/settings.hpp"
#include "proxy/admin/admin_source.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy {

/// Serves on the given io_context (the control thread's). GET and HEAD of
/// /healthz, /readyz, /status, /config, /metrics, and POST of /reload; 404 for other
/// paths, 405 for other methods, 403 when Host is neither loopback's nor in `hosts` or
/// a POST could be another site's. Destroy it on that thread, or
/// when nothing runs the io_context any more.
class admin_listener {
public:
    /// Binds at once. Throws std::runtime_error that names the address.
    admin_listener(boost::asio::io_context& context, const config::endpoint& address, std::vector<std::string> hosts, admin_source source,
                   admin_scope scope = admin_scope::everything);
    ~admin_listener();
    admin_listener(const admin_listener&) = delete;
    admin_listener& operator=(const admin_listener&) = delete;

    /// The bound address, with the real port.
    [[nodiscard]] const std::string& address() const noexcept;
    /// Stops accepting and closes connections. On the io_context's thread.
    void close();

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace bearward::proxy
