// The first line of a message (RFC 9112 sections 3 and 4); private to the parser.
#pragma once

#include "proxy/http/cursor.hpp"
#include "proxy/http/head.hpp"

#include <string_view>

namespace bearward::proxy::http {

/// Reads the request line into `head`; `authority` is set for the absolute form.
/// `complete` means here that the line is whole.
[[nodiscard]] head_outcome take_request_line(cursor& in, const head_limits& limits, request_head& head,
                                             std::string_view& authority) noexcept;

/// Reads the status line into `head`.
[[nodiscard]] head_outcome take_status_line(cursor& in, response_head& head) noexcept;

} // namespace bearward::proxy::http
