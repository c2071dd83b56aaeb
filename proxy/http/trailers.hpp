// Trailer sections of HTTP/1.1 (RFC 9112 section 7.1.2). Pure.
#pragma once

#include <string>
#include <string_view>

namespace bearward::proxy::http {

/// Appends those lines of an upstream's trailer section (chunk_decoder::trailers)
/// that may pass to a client who takes trailers: RFC 9110 section 6.5.1 forbids
/// fields for framing, routing, authentication and the reading of the content.
void make_downstream_trailers(std::string_view trailers, std::string& out);

} // namespace bearward::proxy::http
