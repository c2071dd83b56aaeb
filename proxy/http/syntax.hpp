// The lexical rules that heads, chunks and lists share: RFC 9110 section 5.6 and
// RFC 9112 section 5. Total functions on views; nothing here allocates.
#pragma once

#include "policies/ascii.hpp"
#include "policies/requests/header_names.hpp"

#include <array>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace bearward::proxy::http {

/// What a byte may be part of.
enum : std::uint8_t {
    token_byte = 1,  ///< tchar
    target_byte = 2, ///< printable ASCII without `#`: what a request target may hold
    digit_byte = 4,
    hex_byte = 8,
    value_byte = 16, ///< field-vchar, obs-text, SP, HTAB
};

inline constexpr std::array<std::uint8_t, 256> byte_classes = [] {
    std::array<std::uint8_t, 256> classes{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char letter = static_cast<char>(byte);
        unsigned bits = 0;
        if (policies::is_tchar(letter)) {
            bits |= token_byte;
        }
        if (byte > 0x20 && byte < 0x7F && byte != '#') {
            bits |= target_byte;
        }
        if (policies::is_digit(letter)) {
            bits |= digit_byte;
        }
        if (policies::is_hex(letter)) {
            bits |= hex_byte;
        }
        if (byte == '\t' || (byte >= 0x20 && byte != 0x7F)) {
            bits |= value_byte;
        }
        classes[byte] = static_cast<std::uint8_t>(bits);
    }
    return classes;
}();

[[nodiscard]] constexpr bool is(char byte, std::uint8_t kind) noexcept {
    return (byte_classes[static_cast<unsigned char>(byte)] & kind) != 0;
}

using policies::to_lower;
using policies::trim;

/// Case-insensitive equality with a text that is lower-case already.
[[nodiscard]] constexpr bool equals_lower(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < lower.size(); ++i) {
        if (to_lower(text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

/// As equals_lower, with every byte of `text` that is no letter or digit read as `-`.
[[nodiscard]] constexpr bool equals_folded(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < lower.size(); ++i) {
        if (policies::requests::fold_name_byte(text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

/// Takes the next member off a comma-separated list; members may be empty.
[[nodiscard]] constexpr std::string_view take_member(std::string_view& list) noexcept {
    const auto comma = list.find(',');
    const auto member = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    return member;
}

/// The first byte from `at` that can't be part of a field value (a control other
/// than HTAB), or `end`. Values are most of a head, so eight bytes a step.
[[nodiscard]] inline const char* skip_value(const char* at, const char* end) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x8080808080808080;
    while (end - at >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        // A borrow can only raise false alarms in later bytes; the loop below decides.
        const std::uint64_t below_space = (word - ones * 0x20) & ~word;
        const std::uint64_t without_delete = word ^ (ones * 0x7F);
        const std::uint64_t deletes = (without_delete - ones) & ~without_delete;
        if (((below_space | deletes) & tops) != 0) {
            break;
        }
        at += 8;
    }
    while (at != end && is(*at, value_byte)) {
        ++at;
    }
    return at;
}

} // namespace bearward::proxy::http
