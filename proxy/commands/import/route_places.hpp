// Where routes of ours have to begin, for what the rules of a peer tell apart. Pure.
#pragma once

#include "proxy/commands/import/site.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

/// Where a route may begin. The root's prefix is "".
struct place {
    std::string path;
    bool exact = false;
    friend auto operator<=>(const place&, const place&) = default;
};

struct places {
    std::set<place> all{{"", false}};
    /// Texts that rules take as beginnings, and that end within a segment, by the prefix whose route takes them.
    std::multimap<std::string, std::string> half_by_owner;
    /// Exact places that a `/` at the end makes another one of: an app may take both for one, and so they have one route.
    std::set<std::string> twins;
};

[[nodiscard]] places find_places(const std::vector<site>& sites);

} // namespace bearward::proxy::commands::importing
