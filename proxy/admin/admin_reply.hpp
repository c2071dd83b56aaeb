// What the admin listener answers (contract 8): pure, from the request's parts
// and the program's state. Anybody who reaches the port may ask, so nothing here
// is secret, and a web page must not reach it through somebody's browser: Host
// must be loopback's (DNS rebinding), and what changes state takes a POST that no
// page of another site can send (no Origin; JSON, which would take a preflight).
#pragma once

#include "proxy/admin/admin_source.hpp"

#include <span>
#include <string>
#include <string_view>

namespace bearward::proxy {

struct admin_request {
    std::string_view method;
    std::string_view target;
    std::span<const std::string_view> hosts; ///< the values of all Host fields
    std::span<const std::string_view> content_types{};
    bool has_origin = false;
};

struct admin_reply {
    unsigned status = 200;
    std::string body;
    std::string_view allow; ///< for 405
    std::string_view content_type = "application/json";
    bool after_reload = false; ///< not the answer yet: make_reload_reply() is, once a reload is done
};

/// Whether a Host value names this machine's loopback (`localhost`, 127.0.0.0/8,
/// `[::1]`, any port) or one of `accepted`, with or without its port.
[[nodiscard]] bool check_admin_host(std::string_view host, std::span<const std::string> accepted);

[[nodiscard]] admin_reply make_admin_reply(const admin_request& request, std::span<const std::string> accepted_hosts,
                                           const admin_source& source, admin_scope scope = admin_scope::everything);

[[nodiscard]] admin_reply make_reload_reply(const reload_outcome& outcome);

/// A JSON error body in the form of the proxy's own answers.
[[nodiscard]] admin_reply make_admin_error(unsigned status, std::string_view detail);

} // namespace bearward::proxy
