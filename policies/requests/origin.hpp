// The Origin of a request (RFC 6454) against a list of accepted ones. Browsers
// send it with every WebSocket handshake and let no page forge it.
#pragma once

#include "policies/requests/request_view.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace bearward::policies::requests {

/// An origin as it is serialised (RFC 6454 section 6.1): `scheme://host`, with a
/// port unless it is the scheme's own; or `null`. Scheme and host come out in
/// lower case, and a port of the scheme's own is left out. Error: a sentence.
[[nodiscard]] std::expected<std::string, std::string> parse_origin(std::string_view text);

/// Whether the request comes from one of the origins, which are as parse_origin
/// makes them. A missing or repeated Origin comes from none.
[[nodiscard]] bool has_origin(const request_view& request, std::span<const std::string> accepted) noexcept;

} // namespace bearward::policies::requests
