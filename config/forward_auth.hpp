// Listeners that decide for another proxy, and the routes of which nothing is forwarded. Pure.
#pragma once

#include "config/settings.hpp"
#include "policies/rules/route.hpp"

#include <boost/json/value.hpp>

namespace bearward::config {

/// Whether there are listeners, and each decides for another proxy.
[[nodiscard]] bool only_decides(const settings& from);

/// The JSON schema of documents of which that holds.
[[nodiscard]] boost::json::value schema_of_deciding_listeners();

/// Whether every listener of the route does.
[[nodiscard]] bool is_only_asked_about(const settings& from, const policies::rules::route& made);

} // namespace bearward::config
