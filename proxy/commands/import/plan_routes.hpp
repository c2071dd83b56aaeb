// Routes of ours that let through nothing that the peer's rules refuse. The peers take the first rule
// that fits, or the longest, with prefixes of text and regular expressions; here the most specific path
// counts, by whole segments. So each of our routes is compared with what the peer would do with all the
// kinds of paths that it takes, and the strictest counts. Pure.
#pragma once

#include "proxy/commands/import/site.hpp"

#include <vector>

namespace bearward::proxy::commands::importing {

/// Adds the routes of all sites, and notes on those that had to become stricter.
void plan_routes(const std::vector<site>& sites, imported& out);

} // namespace bearward::proxy::commands::importing
