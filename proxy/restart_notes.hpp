// What a reload can't change. Pure.
#pragma once

#include "config/configuration.hpp"

#include <string>
#include <vector>

namespace bearward::proxy {

/// One sentence for each change that takes effect at the next start only.
[[nodiscard]] std::vector<std::string> restart_notes(const config::configuration& before, const config::configuration& after);

} // namespace bearward::proxy
