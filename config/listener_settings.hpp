// What the user wrote of a listener, as plain values.
#pragma once

#include "config/certificate.hpp"
#include "config/place.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

/// host:port, [v6]:port or unix:/path.
struct endpoint {
    std::string text; ///< as written
    std::string host; ///< without brackets; empty for unix sockets
    std::uint16_t port = 0;
    std::string unix_path; ///< empty for TCP

    friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Whether a listener forwards what it lets through, or decides for another proxy.
enum class listener_mode : std::uint8_t { proxy, forward_auth };

/// The PROXY header that a load balancer puts before a connection's first byte.
enum class proxy_protocol : std::uint8_t { off, v1, v2, any };

/// A certificate with what belongs to it, as files and as read from them.
struct certificate_settings {
    located_text certificate; ///< resolved paths
    located_text private_key;
    std::optional<config::certificate> loaded; ///< nothing when offline
    place at;
};

struct listener_tls_settings {
    std::vector<certificate_settings> certificates; ///< the first is the fallback
    tls_version min_version = tls_version::tls_1_2;
    located_text client_ca;                              ///< empty: no client certificates
    located<bool> client_certificate_required{true, {}}; ///< false: optional
    std::vector<x509_ptr> client_authorities;            ///< read from client_ca
    std::uint64_t given = 0;                             ///< which fields were written, a bit each
    place at;
};

struct listener_settings {
    std::string name; ///< default: the address
    endpoint address;
    listener_mode mode = listener_mode::proxy;
    located<proxy_protocol> proxy{proxy_protocol::off, {}};
    std::optional<listener_tls_settings> tls;
    place at;
};

} // namespace bearward::config
