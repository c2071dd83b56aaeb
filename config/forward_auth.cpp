#include "config/forward_auth.hpp"

#include <algorithm>

namespace bearward::config {
namespace {

bool decides(const listener_settings& listener) {
    return listener.mode == listener_mode::forward_auth;
}

} // namespace

bool only_decides(const settings& from) {
    return !from.listen.empty() && std::ranges::all_of(from.listen, decides);
}

boost::json::value schema_of_deciding_listeners() {
    const boost::json::object mode{{"mode", {{"const", "forward_auth"}}}};
    const boost::json::object listener{{"required", {"mode"}}, {"properties", mode}};
    return {{"properties", {{"listen", {{"items", listener}}}}}};
}

bool is_only_asked_about(const settings& from, const policies::rules::route& made) {
    return made.listeners.empty() ? only_decides(from)
                                  : std::ranges::all_of(made.listeners, [&](std::uint32_t index) { return decides(from.listen[index]); });
}

} // namespace bearward::config
