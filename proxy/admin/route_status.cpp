#include "proxy/admin/route_status.hpp"

#include "policies/rules/specificity.hpp"
#include "policies/text.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <cstdint>
#include <utility>

namespace bearward::proxy {
namespace {

using policies::rules::authentication;
using policies::rules::route;

/// Whose credentials pass: "public", "main, partners", "main or anonymous".
std::string describe_access(const config::configuration& from, const route& each) {
    if (each.auth == authentication::none) {
        return "public";
    }
    const auto name = [&from](std::uint32_t index) -> const std::string& { return from.rules->providers[index].rules.provider; };
    return policies::listed(each.providers, name) + (each.auth == authentication::optional ? " or anonymous" : "");
}

} // namespace

std::vector<admin_page::route_facts> describe_routes(const config::configuration& from,
                                                     const std::map<std::string, std::vector<decision_total>>& decisions) {
    const auto of = [&decisions](const std::string& name) {
        const auto found = decisions.find(name);
        return found == decisions.end() ? std::vector<decision_total>{} : found->second;
    };
    std::vector<admin_page::route_facts> all;
    for (const route* each : policies::rules::sort_by_specificity(from.rules->routes.routes(), from.rules->routes.compared())) {
        all.push_back({.name = each->name,
                       .path = (each->exact ? "exact " : "prefix ") + each->pattern,
                       .hosts = policies::listed(each->hosts),
                       .methods = policies::listed(each->methods),
                       .access = describe_access(from, *each),
                       .upstream = each->upstream == policies::rules::no_upstream ? std::string() : from.upstreams[each->upstream].name,
                       .decisions = of(each->name)});
    }
    if (auto without = of(counter_registry::no_route); !without.empty()) {
        all.push_back({.name = "without a route",
                       .path = {},
                       .hosts = {},
                       .methods = {},
                       .access = {},
                       .upstream = {},
                       .decisions = std::move(without)});
    }
    return all;
}

} // namespace bearward::proxy
