// Checks one server: asks it for a path every now and then, each time on a new
// connection, and publishes the verdict.
#pragma once

#include "proxy/upstream/connect.hpp"
#include "proxy/upstream/handshake.hpp"
#include "proxy/upstream/health.hpp"
#include "proxy/upstream/resolver.hpp"
#include "proxy/upstream/server_settings.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace bearward::proxy::upstream {

/// Belongs to one thread.
class health_checker {
public:
    /// `tls`: null when plain.
    health_checker(asio::io_context& context, deadline_wheel& wheel, directory& known, check_settings settings,
                   std::shared_ptr<const tls::client_context> tls);
    health_checker(const health_checker&) = delete;
    health_checker& operator=(const health_checker&) = delete;

    /// Checks until stop().
    [[nodiscard]] static awaitable<> run(std::shared_ptr<health_checker> self);
    /// Ends run(). The server counts as healthy from then on.
    void stop();
    /// With what it was made: a reload that wants the same keeps it.
    [[nodiscard]] const check_settings& settings() const noexcept { return settings_; }

private:
    using clock = std::chrono::steady_clock;

    /// What is wrong, for people: `500`, `timed out after 1 s`; empty: nothing.
    [[nodiscard]] awaitable<std::string> check();
    /// Sends the request and reads the status; as above.
    [[nodiscard]] awaitable<std::string> ask(stream& peer, std::chrono::milliseconds at_most);
    [[nodiscard]] std::string describe_timeout() const;
    void publish(const std::string& fault);

    attempts under_way_;
    connect_context with_;
    check_settings settings_;
    std::optional<tls_target> tls_;
    resolver resolver_;
    health health_;
    std::shared_ptr<server_status> status_;
    std::string request_;
};

} // namespace bearward::proxy::upstream
