// Client certificates as credentials as the user wrote them: plain values, as in settings.hpp.
#pragma once

#include "policies/tokens/certificate_match.hpp"

#include <string_view>
#include <vector>

namespace bearward::config {

/// What a provider of type certificate has.
struct certificate_provider_settings {
    static constexpr std::string_view word = "certificate";

    std::vector<policies::tokens::certificate_match> match;
};

} // namespace bearward::config
