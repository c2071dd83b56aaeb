// The manual page of the configuration, made from the declarations.
#pragma once

#include <string>

namespace bearward::config {

/// deploy/manual/bearward.yaml.5: every key with its form, default, limits and meaning, in man(7).
[[nodiscard]] std::string make_manual_page();

} // namespace bearward::config
