// What a route says of forwarding where nothing is forwarded.
#include "config/compile.hpp"
#include "config/fields.hpp"

#include <array>
#include <string>
#include <string_view>

namespace bearward::config {
namespace {

/// Keys of a route that change, limit or end what is forwarded.
constexpr std::array<std::string_view, 8> of_forwarding{
    "streams",          "strip_prefix", "add_request_headers", "remove_request_headers", "add_response_headers", "remove_response_headers",
    "response_timeout", "max_body"};

/// Those of an open WebSocket, and of how its refusal looks: here it is always an HTTP answer.
constexpr std::array<std::string_view, 9> of_open_websockets{"reject_with",    "close_code",        "close_on_expiry",
                                                             "idle_timeout",   "max_lifetime",      "max_message",
                                                             "max_frame_rate", "recheck_on_reload", "renewal"};

} // namespace

void check_only_asked_about(reading& state, const route_settings& from, const written_keys& written) {
    const auto refuse = [&](const std::string& key) {
        state.error({from.at.where, from.at.path + '.' + key},
                    "has no effect: the route's listeners are all `mode: forward_auth`, and the other proxy forwards; leave it out");
    };
    for (const std::string_view key : of_forwarding) {
        if ((written.of_route & route_fields().bit(key)) != 0) {
            refuse(std::string(key));
        }
    }
    for (const std::string_view key : of_open_websockets) {
        if ((written.of_websocket & websocket_fields().bit(key)) != 0) {
            refuse("websocket." + std::string(key));
        }
    }
}

} // namespace bearward::config
