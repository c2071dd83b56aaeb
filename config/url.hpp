// Absolute http and https URLs (RFC 9110 section 4.2), for what is fetched.
#pragma once

#include "config/listener_settings.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace bearward::config {

struct url {
    bool secure = false;   ///< https
    endpoint server;       ///< host and port; server.text is "host:port"
    std::string authority; ///< as Host has it: without the scheme's own port
    std::string target;    ///< path and query, at least "/"
    std::string text;      ///< as written

    friend bool operator==(const url& left, const url& right) noexcept { return left.text == right.text; }
};

/// Error: a sentence. Refused: user information, a fragment, another scheme, what isn't ASCII.
[[nodiscard]] std::expected<url, std::string> parse_url(std::string_view written);

/// Whether what is sent there could be read or answered by others: http to another machine.
[[nodiscard]] bool is_insecure(const url& where);

} // namespace bearward::config
