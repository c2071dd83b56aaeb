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
    find_location(server_itself, of, method, found);
    return found;
}

bool nginx_server::find_location(unsigned parent, const slice& of, const std::string& method, judgement& found) const {
    const auto fits = [&](const location& each) {
        fit best = fit::no;
        for (const path_pattern& one : each.where) {
            best = std::max(best, matches(one, of));
        }
        return best;
    };
    const location* longest = nullptr;
    bool sure = true; // which prefix is the longest
    for (const location& each : locations_) {
        const fit best = each.parent == parent && (!each.regex || each.odd) ? fits(each) : fit::no;
        if (each.odd && best != fit::no) {
            found.maybe.push_back(for_method(each, method));
            sure = false;
        } else if (best == fit::yes && each.where.front().type == path_pattern::kind::exact) {
            found.sure = for_method(each, method);
            return true;
        } else if (best == fit::yes && (longest == nullptr || each.where.front().text.size() > longest->where.front().text.size())) {
            longest = &each;
        }
    }
    if (longest != nullptr) {
        found.sure = for_method(*longest, method);
        if (find_location(longest->number, of, method, found)) {
            return true;
        }
    }
    for (const location& each : locations_) {
        const bool tried = each.regex && !each.odd && each.parent == parent && (longest == nullptr || !longest->final || !sure);
        const fit best = tried ? fits(each) : fit::no;
        if (best == fit::yes && (longest == nullptr || !longest->final)) {
            found.sure = for_method(each, method);
            return true;
        }
        if (best != fit::no) {
            found.maybe.push_back(for_method(each, method));
        }
    }
    return false;
}

} // namespace bearward::proxy::commands::importing
