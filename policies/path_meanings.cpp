#include "policies/path_meanings.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies {
namespace {

bool equal_captures(const std::vector<rules::capture>& left, const std::vector<rules::capture>& right) noexcept {
    return std::ranges::equal(left, right, [](const auto& one, const auto& other) { return one.value == other.value; });
}

void add_reached(const requests::request_view& request, const snapshot& rules, std::string_view path, const rules::route& own,
                 const std::vector<rules::capture>& captures, guarded_routes& found) {
    if (!rules.routes.may_be_read_otherwise(path)) {
        return;
    }
    rules::route_match match = rules.routes.find_ignoring(path, request.host, request.method, request.listener);
    if (match.matched == nullptr) {
        if (match.path_found && !found.method_refused) {
            found.method_refused = true;
            found.allow = std::move(match.allow);
        }
        return;
    }
    if (match.matched == &own && path.data() == request.path.path.data()) {
        return; // the same path by the same route: the same captures
    }
    reached_route reached{.route = match.matched, .captures = rules::route_table::captures(*match.matched, path)};
    const auto same = [&reached](const rules::route& route, const std::vector<rules::capture>& values) {
        return reached.route == &route && equal_captures(reached.captures, values);
    };
    const bool known =
        same(own, captures) || std::ranges::any_of(found.routes, [&](const auto& each) { return same(*each.route, each.captures); });
    if (!known) {
        found.routes.push_back(std::move(reached));
    }
}

} // namespace

const std::string* find_other_meaning(const requests::request_view& request, const snapshot& rules, const rules::route_match& match,
                                      const std::vector<rules::capture>& captures) {
    const auto differs = [&](const std::string& reading) {
        const rules::route_match other = rules.routes.find(reading, request.host, request.method, request.listener);
        return other.matched != match.matched || other.path_found != match.path_found ||
               (match.matched != nullptr && !equal_captures(captures, rules::route_table::captures(*match.matched, reading)));
    };
    const auto found = std::ranges::find_if(request.path.readings, differs);
    return found == request.path.readings.end() ? nullptr : &*found;
}

guarded_routes find_guarded_routes(const requests::request_view& request, const snapshot& rules, const rules::route& own,
                                   const std::vector<rules::capture>& captures) {
    guarded_routes found;
    add_reached(request, rules, request.path.path, own, captures, found);
    for (const std::string& reading : request.path.readings) {
        add_reached(request, rules, reading, own, captures, found);
    }
    return found;
}

} // namespace bearward::policies
