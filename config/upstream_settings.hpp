// What the user wrote of an upstream, as plain values.
#pragma once

#include "config/certificate.hpp"
#include "config/listener_settings.hpp"
#include "config/place.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

using std::chrono::milliseconds;

/// How the server of a request is chosen.
enum class balancing : std::uint8_t { round_robin, least_connections };

struct upstream_tls_settings {
    located_text ca;         ///< empty: the system's
    std::string server_name; ///< empty: the server's host
    located_text certificate;
    located_text private_key;
    bool verify = true;
    std::vector<x509_ptr> authorities;      ///< read from ca
    std::optional<config::certificate> own; ///< read from certificate and private_key
    place at;

    friend bool operator==(const upstream_tls_settings&, const upstream_tls_settings&) = default;
};

struct health_check_settings {
    std::string path = "/healthz";
    milliseconds interval{5'000};
    milliseconds timeout{1'000};
    unsigned healthy = 2;   ///< successes in a row
    unsigned unhealthy = 3; ///< failures in a row

    friend bool operator==(const health_check_settings&, const health_check_settings&) = default;
};

struct upstream_settings {
    std::string name;
    std::vector<endpoint> servers;
    balancing balance = balancing::round_robin;
    milliseconds dns_refresh{30'000};
    milliseconds connect_timeout{2'000};
    milliseconds response_timeout{60'000}; ///< 0: none
    milliseconds write_timeout{30'000};    ///< a server that does not read
    milliseconds idle_timeout{60'000};
    std::size_t max_idle_connections = 128;
    bool forward_host = true;
    std::optional<health_check_settings> health_check;
    std::optional<upstream_tls_settings> tls;
    place at;
};

} // namespace bearward::config
