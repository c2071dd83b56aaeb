// A host of a peer, and what it does with paths there. Plain data.
#pragma once

#include "proxy/commands/import/model.hpp"
#include "proxy/commands/import/path_pattern.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

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

} // namespace bearward::proxy::commands::importing
