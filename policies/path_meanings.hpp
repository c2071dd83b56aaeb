// What else a request's path may mean to the app behind: readings of an ambiguous
// path, and routes that it reaches when case or a final `/` are ignored
// (policies/BEHAVIOUR.md 1.6, 3.1). Internal to decide().
#pragma once

#include "policies/requests/request_view.hpp"
#include "policies/snapshot.hpp"

#include <string>
#include <vector>

namespace bearward::policies {

/// A route with the captures of the path that led to it.
struct reached_route {
    const rules::route* route = nullptr;
    std::vector<rules::capture> captures;
};

/// The first reading of the path that leads to another route or other captures than
/// the path itself; null: none. It allocates nothing for a path without readings.
[[nodiscard]] const std::string* find_other_meaning(const requests::request_view& request, const snapshot& rules,
                                                    const rules::route_match& match, const std::vector<rules::capture>& captures);

/// What a request reaches besides its own route when everything is ignored that the
/// guards say.
struct guarded_routes {
    std::vector<reached_route> routes; ///< each once, in the order of the readings
    bool method_refused = false;       ///< a reading's path is that of routes for other methods
    std::vector<std::string> allow;    ///< theirs
};

/// Empty for most requests, and then without an allocation.
[[nodiscard]] guarded_routes find_guarded_routes(const requests::request_view& request, const snapshot& rules, const rules::route& own,
                                                 const std::vector<rules::capture>& captures);

} // namespace bearward::policies
