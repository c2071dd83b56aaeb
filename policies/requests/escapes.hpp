// Percent escapes (RFC 3986 section 2.1), for paths and queries.
#pragma once

#include "policies/ascii.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace bearward::policies::requests {

/// The byte that the escape at `at` stands for; nothing when there is no
/// well-formed escape at this place.
[[nodiscard]] constexpr std::optional<unsigned char> escaped_byte(std::string_view text, std::size_t at) noexcept {
    if (at + 2 >= text.size() || text[at] != '%' || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) {
        return std::nullopt;
    }
    return static_cast<unsigned char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
}

} // namespace bearward::policies::requests
