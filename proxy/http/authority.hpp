// The authority of a request: what Host and the absolute form name (RFC 9110
// section 7.2, RFC 3986 section 3.2), narrowed to what can't be misread.
#pragma once

#include <string>
#include <string_view>

namespace bearward::proxy::http {

/// Reads `host[:port]`. Sets `host` (lower-case, one trailing dot removed, IPv6
/// in its brackets) and `authority` (the same with the port as sent). False, and
/// both unspecified, for userinfo, escapes, empty hosts or labels, ports that
/// are empty or over 65535, and sub-delims: a comma would read as a list in
/// X-Forwarded-Host.
[[nodiscard]] bool parse_authority(std::string_view text, std::string& host, std::string& authority);

} // namespace bearward::proxy::http
