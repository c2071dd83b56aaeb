#include "config/compile.hpp"
#include "config/encoding.hpp"

#include <map>

namespace bearward::config {

namespace {

void check_listeners(reading& state, const settings& from) {
    std::map<std::string, const listener_settings*> names;
    std::map<std::string, const listener_settings*> addresses;
    for (const listener_settings& each : from.listen) {
        const std::string& name = each.name.empty() ? each.address.text : each.name;
        const bool free_port = each.address.port == 0 && each.address.unix_path.empty();
        if (!name.empty()) {
            if (const auto [first, fresh] = names.emplace(name, &each); !fresh && !(free_port && each.name.empty())) {
                state.error(each.at, "the listener at " + to_string(first->second->at.where) + " has the name " + quote(name) + " too");
                continue;
            }
        }
        if (!free_port) {
            if (const auto [first, fresh] = addresses.emplace(each.address.text, &each); !fresh && !each.address.text.empty()) {
                state.error(each.at, "the listener at " + to_string(first->second->at.where) + " has this address too");
            }
        }
    }
}

} // namespace

void check_settings(reading& state, const settings& from) {
    check_listeners(state, from);
}

} // namespace bearward::config
