// Whether a token says by itself which of two providers it is for.
#pragma once

#include "config/settings.hpp"

#include <string>

namespace bearward::config {

/// Why a token can't tell for which of the two it is, as an error about `added`; empty: it can.
[[nodiscard]] std::string describe_confusion(const provider_settings& added, const provider_settings& other);

/// " in words" where both could be meant by one `iss`; empty: never. A literal goes
/// before a template, so that only likes compete.
[[nodiscard]] std::string shared_issuer(const provider_settings& added, const provider_settings& other);

} // namespace bearward::config
