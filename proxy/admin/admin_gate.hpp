// Who may ask the admin listener (proxy/BEHAVIOUR.md 12.2, 12.3). Pure. Anybody who reaches the port may,
// so nothing there is secret; but a web page must not reach it through somebody's
// browser: Host must be loopback's (DNS rebinding), and what changes state takes a POST
// that no page of another site can send (no Origin; JSON, which would take a preflight).
#pragma once

#include "proxy/admin/admin_endpoint.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// Whether a Host value names this machine's loopback (`localhost`, 127.0.0.0/8,
/// `[::1]`, any port) or one of `accepted`, with or without its port.
[[nodiscard]] bool check_admin_host(std::string_view host, std::span<const std::string> accepted);

/// Why the request's Host fields are refused: 400 without exactly one (RFC 9112 section
/// 3.2), 403 when it names another site. Probes come by address, some in HTTP/1.0 without
/// a Host, and read nothing that a page could not: on their listener any Host will do, or none.
[[nodiscard]] std::optional<admin_reply> check_host_fields(const admin_request& request, std::span<const std::string> accepted,
                                                           admin_scope scope);

/// Why a POST may not change anything, 403: a page of another site can send one, but only
/// with Origin, and JSON only after a preflight that is never allowed here.
[[nodiscard]] std::optional<admin_reply> check_same_site(const admin_request& request);

} // namespace bearward::proxy
