// Routes of ours that let through nothing that the peer's rules refuse. The peers take the first rule
// that fits, or the longest, with prefixes of text and regular expressions; here the most specific path
// counts, by whole segments. So each of our routes is compared with what the peer would do with all the
// kinds of paths that it takes, and the strictest counts. Pure.
#pragma once

#include "proxy/commands/import/model.hpp"
#include "proxy/commands/import/path_pattern.hpp"

#include <functional>
#include <set>

namespace bearward::proxy::commands::importing {

/// What the peer does with paths that it judges alike.
struct judgement {
    std::optional<action> sure; ///< nothing: it has no rule for them
    std::vector<action> maybe;  ///< what rules would do that perhaps come before
};

/// A host, or several that are judged alike, on the same listeners.
struct site {
    std::vector<std::string> hosts;                                          ///< as ours; empty: any
    std::vector<std::string> listeners;                                      ///< empty: any
    std::vector<path_pattern> patterns;                                      ///< of all rules
    std::set<std::string> methods;                                           ///< that some rule names
    std::function<judgement(const slice&, const std::string& method)> judge; ///< an empty method is one that no rule names
};

/// Adds the routes of all sites, and notes on those that had to become stricter.
void plan_routes(const std::vector<site>& sites, imported& out);

} // namespace bearward::proxy::commands::importing
