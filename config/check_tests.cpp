// Names in policy tests that name nothing.
#include "config/compile.hpp"
#include "config/credential_places.hpp"
#include "config/encoding.hpp"
#include "config/requirements.hpp"

#include <algorithm>
#include <variant>

namespace bearward::config {

namespace {

void check_name(reading& state, const std::string& what, const located_text& name, const std::vector<std::string>& names) {
    if (!name.value.empty() && std::ranges::find(names, name.value) == names.end()) {
        state.error(name.at, name_not_found(what, name.value, names));
    }
}

/// What an API key or a certificate never has, a test can't give it.
void check_claims(reading& state, const settings& from, const test_identity& given) {
    const auto by = std::ranges::find(from.providers, given.provider.value, &provider_settings::name);
    if (!given.claims.empty() && by != from.providers.end() && std::holds_alternative<api_keys_settings>(by->type)) {
        state.error(given.provider.at, quote(by->name) + " has API keys, and these have no claims; leave `claims` out");
    }
    if (!given.claims.empty() && by != from.providers.end() && has_certificates(*by)) {
        state.error(given.provider.at, quote(by->name) + " has certificates, and these have no claims; leave `claims` out");
    }
}

} // namespace

void check_tests(reading& state, const settings& from, const std::vector<compiled_route>& routes) {
    if (from.tests.empty()) {
        return;
    }
    std::vector<std::string> providers;
    std::ranges::transform(from.providers, std::back_inserter(providers), &provider_settings::name);
    std::vector<std::string> listeners;
    std::ranges::transform(from.listen, std::back_inserter(listeners),
                           [](const listener_settings& each) { return each.name.empty() ? each.address.text : each.name; });
    std::vector<std::string> names;
    std::ranges::transform(routes, std::back_inserter(names), [](const compiled_route& each) { return each.route.name; });
    for (const test_settings& each : from.tests) {
        check_name(state, "listener", each.request.listener, listeners);
        check_name(state, "route", each.expect.route, names);
        if (each.identity) {
            check_name(state, "provider", each.identity->provider, providers);
            check_claims(state, from, *each.identity);
        }
    }
}

} // namespace bearward::config
