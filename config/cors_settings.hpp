// CORS as the user wrote it: plain values, as in settings.hpp.
#pragma once

#include "config/place.hpp"
#include "policies/requests/cors.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bearward::config {

struct cors_settings {
    std::vector<policies::requests::accepted_origin> allow_origins;
    std::vector<std::string> allow_methods{"GET", "POST"};
    std::vector<std::string> allow_headers{"Authorization", "Content-Type"};
    std::vector<std::string> expose_headers;
    bool allow_credentials = false;
    std::chrono::milliseconds max_age{600'000}; ///< whole seconds
    place at;
};

/// What a route says in place of the top-level rules.
struct route_cors_settings {
    enum class kind : std::uint8_t { common, off, pass, own };
    kind what = kind::common;
    cors_settings rules; ///< of kind::own
};

} // namespace bearward::config
