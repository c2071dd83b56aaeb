// How tokens are judged that are to renew open WebSockets: by the providers of all routes with `renewal`.
#include "config/compile.hpp"
#include "config/credential_places.hpp"
#include "config/dpop.hpp"
#include "config/encoding.hpp"
#include "config/told_apart.hpp"

#include <algorithm>

namespace bearward::config {

std::shared_ptr<const policies::rules::route> compile_renewal(reading& state, const settings& from,
                                                              const std::vector<compiled_route>& routes) {
    policies::rules::route made;
    for (const compiled_route& each : routes) {
        if (!each.route.websocket.renewal) {
            continue;
        }
        const place at{each.at.where, each.at.path + ".websocket.renewal"};
        if (each.route.auth == policies::rules::authentication::none) {
            state.error(at, "means nothing with auth: none: there is no token to renew");
        }
        for (const std::uint32_t index : each.route.providers) {
            if (std::ranges::find(made.providers, index) != made.providers.end()) {
                continue;
            }
            for (const std::uint32_t other : made.providers) {
                const std::string why = describe_confusion(from.providers[index], from.providers[other]);
                if (!why.empty()) {
                    state.error(at, "tokens for /.bearward/renew are judged by the providers of all routes with renewal: " + why);
                }
            }
            made.providers.push_back(index);
            const auto names = names_of(from.providers[index]);
            if (std::ranges::find(made.credential_names, names) == made.credential_names.end()) {
                made.credential_names.push_back(names);
            }
        }
    }
    if (made.providers.empty()) {
        return nullptr;
    }
    made.name = "renewal";
    made.dpop = dpop_of(from, made.providers);
    return std::make_shared<const policies::rules::route>(std::move(made));
}

} // namespace bearward::config
