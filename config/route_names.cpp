#include "config/route_names.hpp"

#include "config/encoding.hpp"

#include <unordered_map>

namespace bearward::config {

namespace {

/// "a.example.com,b.example.com/admin GET,POST".
std::string make_name(const policies::rules::route& route) {
    const auto list = [](const std::vector<std::string>& words) {
        std::string text;
        for (const std::string& word : words) {
            text += text.empty() ? word : "," + word;
        }
        return text;
    };
    std::string name = list(route.hosts) + route.pattern;
    if (!route.methods.empty()) {
        name += ' ' + list(route.methods);
    }
    return name;
}

} // namespace

void name_routes(reading& state, std::vector<compiled_route>& routes, const std::vector<place>& name_places) {
    std::unordered_map<std::string, const place*> taken;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const std::string& name = routes[i].route.name;
        if (name.empty()) {
            continue;
        }
        if (const auto [first, fresh] = taken.emplace(name, &name_places[i]); !fresh) {
            state.error(name_places[i], "the route at " + to_string(first->second->where) + " has the name " + quote(name) + " too");
        }
    }
    for (compiled_route& each : routes) {
        if (!each.route.name.empty()) {
            continue;
        }
        // A prefix and an exact route may share a path; listeners can tell routes apart too.
        const std::string made = make_name(each.route);
        std::string name = made;
        if (taken.contains(name) && each.route.exact) {
            name += " (exact)";
        }
        for (std::size_t number = 2; taken.contains(name); ++number) {
            name = made + " (" + std::to_string(number) + ')';
        }
        taken.emplace(name, &each.at);
        each.route.name = std::move(name);
    }
}

} // namespace bearward::config
