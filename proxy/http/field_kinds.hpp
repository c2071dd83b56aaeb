// Which fields of responses and trailers end at this hop (RFC 9110 sections 6.5.1
// and 7.6.1). Those of requests are in policies/requests/header_kinds.hpp.
#pragma once

#include <cstdint>
#include <string_view>

namespace bearward::proxy::http {

enum class response_field : std::uint8_t {
    other,
    never,   ///< hop-by-hop, framing, or written by us
    trailer, ///< Trailer: passes with the trailers it announces
    date,
};

[[nodiscard]] response_field classify_response_field(std::string_view name) noexcept;

/// Whether a field may stand in a trailer section (RFC 9110 section 6.5.1).
[[nodiscard]] bool may_be_trailer(std::string_view name) noexcept;

} // namespace bearward::proxy::http
