// What the page says of the routes.
#pragma once

#include "config/configuration.hpp"
#include "proxy/admin_page/page_facts.hpp"
#include "proxy/telemetry/decision_totals.hpp"

#include <map>
#include <string>
#include <vector>

namespace bearward::proxy {

/// The routes in the order in which they are tried; where there were any, requests without one are
/// the last line. `decisions`: by the routes' names.
[[nodiscard]] std::vector<admin_page::route_facts> describe_routes(const config::configuration& from,
                                                                   const std::map<std::string, std::vector<decision_total>>& decisions);

} // namespace bearward::proxy
