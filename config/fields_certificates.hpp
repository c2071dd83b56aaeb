// What is read of providers whose credentials are client certificates.
#pragma once

#include "config/certificate_settings.hpp"
#include "config/codec.hpp"

#include <vector>

namespace bearward::config {

/// A list of patterns with whose certificates they are, at least one.
[[nodiscard]] codec<std::vector<policies::tokens::certificate_match>> certificate_matches();

} // namespace bearward::config
