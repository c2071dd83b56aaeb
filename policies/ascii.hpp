// Bytes as ASCII, whatever the locale: what kind they are, and texts that are
// compared, cut and read as numbers by it. Total functions on views.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace bearward::policies {

[[nodiscard]] constexpr bool is_digit(char byte) noexcept {
    return byte >= '0' && byte <= '9';
}

[[nodiscard]] constexpr bool is_lower(char byte) noexcept {
    return byte >= 'a' && byte <= 'z';
}

[[nodiscard]] constexpr bool is_upper(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z';
}

[[nodiscard]] constexpr bool is_letter(char byte) noexcept {
    return is_lower(byte) || is_upper(byte);
}

[[nodiscard]] constexpr bool is_alphanumeric(char byte) noexcept {
    return is_letter(byte) || is_digit(byte);
}

/// A letter, a digit or `_`: what names of captures and the like are made of.
[[nodiscard]] constexpr bool is_name_byte(char byte) noexcept {
    return is_alphanumeric(byte) || byte == '_';
}

/// RFC 4648 section 5, without padding.
[[nodiscard]] constexpr bool is_base64url(char byte) noexcept {
    return is_name_byte(byte) || byte == '-';
}

/// What a token of HTTP is made of: tchar of RFC 9110 section 5.6.2.
[[nodiscard]] constexpr bool is_tchar(char byte) noexcept {
    return is_alphanumeric(byte) || std::string_view("!#$%&'*+-.^_`|~").contains(byte);
}

/// 0x00 to 0x1F and 0x7F.
[[nodiscard]] constexpr bool is_control(unsigned char byte) noexcept {
    return byte < 0x20 || byte == 0x7F;
}

[[nodiscard]] constexpr char to_lower(char byte) noexcept {
    return is_upper(byte) ? static_cast<char>(byte - 'A' + 'a') : byte;
}

[[nodiscard]] inline std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), to_lower);
    return lower;
}

[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](char one, char other) {
               return one == other || to_lower(one) == to_lower(other); // mostly they are the same already
           });
}

/// Without surrounding SP and HTAB (OWS of RFC 9110 section 5.6.3).
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

/// The whole text as a decimal number; nothing for other text, `+`, and what is out of range.
template <std::integral Number>
[[nodiscard]] std::optional<Number> parse_decimal(std::string_view text) noexcept {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

inline constexpr std::string_view lower_hex = "0123456789abcdef";
inline constexpr std::string_view upper_hex = "0123456789ABCDEF";

/// Appends a byte as two hex digits.
inline void append_hex(std::string& out, char byte, std::string_view digits = lower_hex) {
    const auto value = static_cast<unsigned char>(byte);
    out += digits[value >> 4U];
    out += digits[value & 0xFU];
}

/// The value of a hex digit in either case, or -1.
[[nodiscard]] constexpr int hex_value(char digit) noexcept {
    if (is_digit(digit)) {
        return digit - '0';
    }
    const char lower = to_lower(digit);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

[[nodiscard]] constexpr bool is_hex(char digit) noexcept {
    return hex_value(digit) >= 0;
}

/// Two digits a byte, in either case; nothing for other text.
[[nodiscard]] std::optional<std::string> decode_hex(std::string_view text);

} // namespace bearward::policies
