// Clients' certificates on a route where nobody asks for them.
#include "config/compile.hpp"
#include "config/encoding.hpp"

#include <algorithm>

namespace bearward::config {

void check_client_ca(reading& state, const settings& from, const route_settings& written, const located_text& name,
                     const policies::rules::route& route) {
    bool asked = false;
    for (std::size_t index = 0; index < from.listen.size(); ++index) {
        const auto& tls = from.listen[index].tls;
        const bool forwards = from.listen[index].mode == listener_mode::proxy; // another proxy's certificate is not its clients'
        const bool serves = route.listeners.empty() || std::ranges::find(route.listeners, index) != route.listeners.end();
        asked = asked || (serves && forwards && tls && !tls->client_ca.value.empty());
    }
    if (!asked && route.auth != policies::rules::authentication::none) {
        const bool inherited = name.at.path.starts_with("defaults");
        state.error(inherited ? place{written.at.where, written.at.path + ".providers"} : name.at,
                    quote(name.value) + " takes clients' certificates, but no listener of the route has tls.client_ca: none is "
                                        "asked for, so that nobody would be let in");
    }
}

} // namespace bearward::config
