#include "config/compile.hpp"

#include <memory>
#include <utility>

namespace bearward::config {

std::shared_ptr<const policies::assertion_rules> compile_assertion(reading& state, const settings& from) {
    if (!from.assertion || from.assertion->private_key.value.empty() || state.offline()) {
        return nullptr;
    }
    const located_text& file = from.assertion->private_key;
    const auto content = state.read_file(file.value);
    if (!content) {
        state.error(file.at, "can't read " + file.value + ": " + content.error());
        return nullptr;
    }
    auto made = policies::make_assertion_rules(*content);
    if (!made) {
        state.error(file.at, file.value + ": " + made.error());
        return nullptr;
    }
    made->header = from.assertion->header.value;
    made->issuer = from.assertion->issuer;
    made->audience = from.assertion->audience;
    made->lifetime = std::chrono::floor<std::chrono::seconds>(from.assertion->lifetime);
    return std::make_shared<const policies::assertion_rules>(*std::move(made));
}

void check_audience(reading& state, const settings& from, const std::vector<compiled_route>& routes) {
    if (!from.assertion || !from.assertion->audience.empty()) {
        return;
    }
    for (const compiled_route& each : routes) {
        if (each.route.upstream == policies::rules::no_upstream) {
            state.error(from.assertion->at,
                        "needs `audience`: the route at " + to_string(each.at.where) + " has no upstream, whose name it would be");
            return;
        }
    }
}

} // namespace bearward::config
