// Percent escapes (RFC 3986 section 2.1), for paths and queries.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace bearward::policies::requests {

/// The value of a hex digit, or -1.
[[nodiscard]] constexpr int hex_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return -1;
}

[[nodiscard]] constexpr bool is_hex(char digit) noexcept {
    return hex_value(digit) >= 0;
}

[[nodiscard]] constexpr bool is_control(unsigned char byte) noexcept {
    return byte < 0x20 || byte == 0x7F;
}

/// The byte that the escape at `at` stands for; nothing when there is no
/// well-formed escape at this place.
[[nodiscard]] constexpr std::optional<unsigned char> escaped_byte(std::string_view text, std::size_t at) noexcept {
    if (at + 2 >= text.size() || text[at] != '%' || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) {
        return std::nullopt;
    }
    return static_cast<unsigned char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
}

} // namespace bearward::policies::requests
