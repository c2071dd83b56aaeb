#include "proxy/commands/routes.hpp"

#include "policies/rules/requirement_steps.hpp"
#include "policies/rules/specificity.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/commands/input.hpp"
#include "proxy/commands/table.hpp"

#include <iostream>
#include <vector>

namespace bearward::proxy::commands {
namespace {

using policies::rules::authentication;
using policies::rules::route;

std::string joined(const std::vector<std::string>& words, std::string_view none) {
    std::string out;
    for (const std::string& each : words) {
        out.append(out.empty() ? "" : ",").append(each);
    }
    return out.empty() ? std::string(none) : out;
}

/// Whose tokens pass: "public", "main,partners", "main or anonymous".
std::string describe_access(const config::configuration& from, const route& each) {
    if (each.auth == authentication::none) {
        return "public";
    }
    std::vector<std::string> names;
    names.reserve(each.providers.size());
    for (const std::uint32_t index : each.providers) {
        names.push_back(from.rules->providers[index].rules.provider);
    }
    return joined(names, "-") + (each.auth == authentication::optional ? " or anonymous" : "");
}

/// Whose pages may read answers: "off", "pass", or the origins.
std::string describe_cors(const route& each) {
    using policies::requests::cors_use;
    if (each.cors.use != cors_use::rules) {
        return each.cors.use == cors_use::passes ? "pass" : "off";
    }
    std::vector<std::string> origins;
    for (const auto& one : each.cors.rules->origins) {
        origins.push_back(one.text);
    }
    return joined(origins, "-");
}

/// What is not as usual: the requirement's mode and no WebSocket.
std::string describe_requirement(const route& each) {
    std::string text = policies::rules::to_text(each.require);
    text = text.empty() ? "-" : text;
    if (each.mode != policies::rules::enforcement::enforce) {
        text.append(" (").append(to_string(each.mode)).append(")");
    }
    return text;
}

std::string describe_upstream(const config::configuration& from, const route& each) {
    return each.upstream == policies::rules::no_upstream ? "-" : from.upstreams[each.upstream].name;
}

} // namespace

std::string list_routes(const config::configuration& from) {
    std::vector<std::vector<std::string>> rows{
        {"PATH", "", "HOSTS", "METHODS", "LISTENERS", "ACCESS", "WEBSOCKET", "CORS", "UPSTREAM", "NAME", "REQUIRE"}};
    for (const route* each : policies::rules::sort_by_specificity(from.rules->routes.routes(), from.rules->routes.compared())) {
        std::vector<std::string> listeners;
        listeners.reserve(each->listeners.size());
        for (const std::uint32_t index : each->listeners) {
            listeners.push_back(from.listeners[index].name);
        }
        rows.push_back({each->exact ? "exact" : "prefix", each->pattern, joined(each->hosts, "any"), joined(each->methods, "any"),
                        joined(listeners, "any"), describe_access(from, *each), each->websocket.enabled ? "on" : "off",
                        describe_cors(*each), describe_upstream(from, *each), each->name, describe_requirement(*each)});
    }
    return to_columns(rows);
}

int print_routes(const std::string& configuration_file) {
    const auto configuration = load_or_complain(configuration_file, {.offline = true});
    if (!configuration) {
        return 1;
    }
    std::cout << list_routes(*configuration) << std::flush;
    return std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands
