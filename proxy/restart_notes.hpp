// What a reload can't change.
#pragma once

#include "config/configuration.hpp"

#include <string>
#include <vector>

namespace bearward::proxy {

/// A sentence for each setting that differs and counts from the next start only.
[[nodiscard]] std::vector<std::string> restart_notes(const config::configuration& before, const config::configuration& after);

} // namespace bearward::proxy
