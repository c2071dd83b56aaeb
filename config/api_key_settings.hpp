// API keys as the user wrote them: plain values, as in settings.hpp.
#pragma once

#include "config/place.hpp"
#include "policies/clock.hpp"
#include "policies/jose/sha256.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::config {

/// One API key, by its hash, and whose it is.
struct api_key_settings {
    located_text id;
    located<std::optional<policies::jose::sha256_digest>> hash; ///< nothing: it could not be read
    std::string user;                                           ///< empty: none
    std::string tenant;                                         ///< empty: none
    std::vector<std::string> roles;
    std::vector<std::string> scopes;
    std::optional<policies::time_point> expires; ///< nothing: never
    place at;
};

/// What a provider of type api_keys has.
struct api_keys_settings {
    static constexpr std::string_view word = "api_keys";

    located_text header{"X-API-Key", {}};
    std::vector<api_key_settings> keys;
};

} // namespace bearward::config
