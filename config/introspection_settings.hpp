// How an issuer is asked about tokens (RFC 7662), as the user wrote it and as the client gets it.
#pragma once

#include "config/key_source_settings.hpp"
#include "config/url.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::config {

/// How the client says who it is (RFC 6749 section 2.3.1).
enum class client_authentication : std::uint8_t { basic, post };

struct introspection_cache_settings {
    milliseconds ttl{30'000};         ///< of active tokens, but not beyond `exp`
    milliseconds negative_ttl{5'000}; ///< of others
    std::size_t max_bytes = std::size_t{32} * 1024 * 1024;
};

/// What a provider of type introspection has besides.
struct introspection_settings {
    static constexpr std::string_view word = "introspection";

    located<url> endpoint;
    std::string client_id;
    located<secret_settings> client_secret;
    client_authentication authentication = client_authentication::basic;
    milliseconds timeout{5'000};
    introspection_cache_settings cache;
};

/// An endpoint that is asked.
struct introspection_endpoint {
    std::string provider;
    url to;
    std::string client_id;
    std::string client_secret;
    client_authentication authentication = client_authentication::basic;
    milliseconds timeout{5'000};
};

} // namespace bearward::config
