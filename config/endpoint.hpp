// Addresses as the configuration writes them: host:port, [v6]:port or unix:/path.
// Pure; resolving names is the proxy's business.
#pragma once

#include "config/listener_settings.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace bearward::config {

/// Error: a sentence. Port 0 is accepted; who connects must refuse it.
[[nodiscard]] std::expected<endpoint, std::string> parse_endpoint(std::string_view text);

/// Whether only this machine can reach it: 127.0.0.0/8, ::1, localhost, or a
/// unix socket.
[[nodiscard]] bool is_local(const endpoint& address);

/// A host as routes name it: lower-cased, one trailing dot dropped; exact or
/// "*.example.com". Error: a sentence.
[[nodiscard]] std::expected<std::string, std::string> parse_host_pattern(std::string_view text);

} // namespace bearward::config
