// Which of a server's locations is for a path.
#include "proxy/commands/import/nginx_server.hpp"
#include "proxy/commands/import/strictness.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {

bool nginx_server::forwards() const {
    return std::ranges::any_of(locations_, [](const location& each) { return each.does.who.who != access::kind::closed; });
}

void nginx_server::add_patterns(site& to) const {
    for (const location& each : locations_) {
        to.patterns.insert(to.patterns.end(), each.where.begin(), each.where.end());
        if (each.at.limited_methods) {
            to.methods.insert(each.at.limited_methods->begin(), each.at.limited_methods->end());
        }
    }
}

action nginx_server::for_method(const location& of, const std::string& method) {
    return of.at.limited_methods && !of.at.limited_methods->contains(method) ? refused() : of.does;
}

judgement nginx_server::judge(const slice& of, const std::string& method) const {
    judgement found;
    const location* longest = nullptr;
    const auto fits = [&](const std::vector<path_pattern>& where) {
        fit best = fit::no;
        for (const path_pattern& each : where) {
            best = std::max(best, matches(each, of));
        }
        return best;
    };
    for (const location& each : locations_) {
        if (each.regex || fits(each.where) != fit::yes) {
            continue;
        }
        if (each.where.front().type == path_pattern::kind::exact) {
            found.sure = for_method(each, method);
            return found;
        }
        if (longest == nullptr || each.where.front().text.size() > longest->where.front().text.size()) {
            longest = &each;
        }
    }
    // Those within other locations are tried first, in an order of their own.
    for (const location& each : locations_) {
        if (each.regex && !each.within.empty() && std::min(fits(each.where), fits(each.within)) != fit::no) {
            found.maybe.push_back(for_method(each, method));
        }
    }
    for (const location& each : locations_) {
        if (!each.regex || !each.within.empty() || (longest != nullptr && longest->final && !each.odd)) {
            continue;
        }
        const fit best = fits(each.where);
        if (best == fit::yes) {
            found.sure = for_method(each, method);
            return found;
        }
        if (best == fit::maybe) {
            found.maybe.push_back(for_method(each, method));
        }
    }
    if (longest != nullptr) {
        found.sure = for_method(*longest, method);
    }
    return found;
}

} // namespace bearward::proxy::commands::importing
