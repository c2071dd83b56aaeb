// What of the configuration counts for one server: the settings with which its pool and
// its health check are made, and by which a reload finds them again. They get no others,
// so that what is equal here behaves the same.
#pragma once

#include "config/upstream_settings.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy::upstream {

/// A server and how it is reached.
struct server_settings {
    std::string upstream; ///< its name
    config::endpoint address;
    std::chrono::milliseconds dns_refresh{};
    std::optional<config::upstream_tls_settings> tls; ///< nothing: plain

    /// Its name as a Host header has it.
    [[nodiscard]] std::string_view host() const noexcept {
        return address.unix_path.empty() ? std::string_view{address.text} : "localhost";
    }

    friend bool operator==(const server_settings&, const server_settings&) = default;
};

/// How connections to it are made and kept.
struct pool_settings {
    server_settings server;
    std::chrono::milliseconds connect_timeout{};
    std::chrono::milliseconds idle_timeout{};
    std::size_t max_idle_connections = 0;

    friend bool operator==(const pool_settings&, const pool_settings&) = default;
};

/// How it is checked.
struct check_settings {
    server_settings server;
    config::health_check_settings how;

    friend bool operator==(const check_settings&, const check_settings&) = default;
};

[[nodiscard]] pool_settings make_pool_settings(const config::upstream_settings& from, const config::endpoint& server);
/// Nothing where nothing is checked.
[[nodiscard]] std::optional<check_settings> make_check_settings(const config::upstream_settings& from, const config::endpoint& server);

} // namespace bearward::proxy::upstream
