// Where issuers tell of what counts no longer, as the user wrote it.
#pragma once

#include "config/key_source_settings.hpp"
#include "config/place.hpp"

#include <chrono>
#include <string>

namespace bearward::config {

/// OpenID Connect Back-Channel Logout 1.0.
struct back_channel_logout_settings {
    std::string audience; ///< our client ID at the issuer
    located_text path;    ///< canonical; empty: the usual one of the provider
    std::chrono::milliseconds hold{86'400'000};
    place at;
};

} // namespace bearward::config
