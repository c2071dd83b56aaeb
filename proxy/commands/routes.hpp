// `bearward routes`: the effective route table for people.
#pragma once

#include "config/configuration.hpp"

#include <string>

namespace bearward::proxy::commands {

/// A line for each route under a line of headings, the most specific route first:
/// path, hosts, methods, listeners, who may pass, requirement, upstream, name.
[[nodiscard]] std::string list_routes(const config::configuration& from);

} // namespace bearward::proxy::commands
