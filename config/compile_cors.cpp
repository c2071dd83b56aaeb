// CORS rules as they are sent.
#include "config/compile.hpp"
#include "config/encoding.hpp"
#include "config/suggestion.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace bearward::config {

namespace {

using policies::requests::cors_handling;
using policies::requests::cors_rules;
using policies::requests::cors_use;

std::shared_ptr<const cors_rules> make_rules(const cors_settings& from) {
    cors_rules made;
    made.origins = from.allow_origins;
    made.methods = join(from.allow_methods);
    made.headers = join(from.allow_headers);
    made.exposed = join(from.expose_headers);
    made.max_age = std::to_string(std::chrono::floor<std::chrono::seconds>(from.max_age).count());
    made.credentials = from.allow_credentials;
    return std::make_shared<const cors_rules>(std::move(made));
}

} // namespace

cors_handling compile_cors(const route_cors_settings& from, const std::shared_ptr<const cors_rules>& common) {
    switch (from.what) {
    case route_cors_settings::kind::off:
        return {};
    case route_cors_settings::kind::pass:
        return {.use = cors_use::passes, .rules = nullptr};
    case route_cors_settings::kind::own:
        return {.use = cors_use::rules, .rules = make_rules(from.rules)};
    case route_cors_settings::kind::common:
        break;
    }
    return {.use = common ? cors_use::rules : cors_use::off, .rules = common};
}

std::shared_ptr<const cors_rules> compile_cors(const settings& from) {
    return from.cors ? make_rules(*from.cors) : nullptr;
}

void check_cors(reading& state, const settings& from) {
    const auto check = [&](const std::string& name, const place& at) {
        if (policies::requests::is_cors_header(name)) {
            state.error(at, quote(name) + " is written by the route's `cors`, in place of what the upstream says; say it there, or write "
                                          "`cors: pass` or `cors: off`");
        }
    };
    for (const route_settings& each : from.routes) {
        using kind = route_cors_settings::kind;
        if (each.cors.what == kind::own || (each.cors.what == kind::common && from.cors)) {
            std::ranges::for_each(each.add_response_headers, [&](const added_header_settings& one) { check(one.name, one.at); });
            std::ranges::for_each(each.remove_response_headers, [&](const located_text& one) { check(one.value, one.at); });
        }
    }
}

} // namespace bearward::config
