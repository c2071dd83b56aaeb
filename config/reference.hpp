// The reference page of the configuration, made from the declarations.
#pragma once

#include <string>

namespace bearward::config {

/// config/REFERENCE.md: every key with its form, default, limits and meaning.
[[nodiscard]] std::string make_reference();

} // namespace bearward::config
