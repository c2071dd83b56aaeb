// The names of routes: unique, and made of hosts, path and methods when none is
// written. They are the labels of logs and metrics.
#pragma once

#include "config/compile.hpp"

namespace bearward::config {

/// Names every route. `name_places`: where each route's name was written.
void name_routes(reading& state, std::vector<compiled_route>& routes, const std::vector<place>& name_places);

} // namespace bearward::config
