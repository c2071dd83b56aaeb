// Resource metadata as the user wrote it: plain values, as in settings.hpp.
#pragma once

#include "config/place.hpp"
#include "config/resource_identifier.hpp"

#include <string>
#include <vector>

namespace bearward::config {

/// What clients learn of a protected resource (RFC 9728 section 2).
struct resource_settings {
    located<resource_identifier> resource;
    std::vector<std::string> authorization_servers; ///< issuers; empty: not said
    std::vector<std::string> scopes_supported;      ///< empty: not said
    place at;
};

} // namespace bearward::config
