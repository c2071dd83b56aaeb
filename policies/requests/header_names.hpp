// Header names as the apps behind us may read them: CGI, WSGI and PHP make one
// variable of all names that differ in bytes that are no letter or digit.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace bearward::policies::requests {

/// A byte of a name as it is compared: letters in lower case, digits, and `-`
/// for everything else.
inline constexpr std::array<char, 256> folded_name_bytes = [] {
    std::array<char, 256> folded{};
    folded.fill('-');
    for (unsigned char byte = '0'; byte <= '9'; ++byte) {
        folded[byte] = static_cast<char>(byte);
    }
    for (unsigned char byte = 'a'; byte <= 'z'; ++byte) {
        folded[byte] = static_cast<char>(byte);
        folded[static_cast<unsigned char>(byte - 'a' + 'A')] = static_cast<char>(byte);
    }
    return folded;
}();

[[nodiscard]] constexpr char fold_name_byte(char byte) noexcept {
    return folded_name_bytes[static_cast<unsigned char>(byte)];
}

/// Whether both are the same header to an app: `X.User_Id` is X-User-Id, `XUserId` is not.
[[nodiscard]] constexpr bool equal_folded_names(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, fold_name_byte, fold_name_byte);
}

/// The name under which all its spellings are one.
[[nodiscard]] inline std::string fold_name(std::string_view name) {
    std::string folded(name);
    std::ranges::transform(folded, folded.begin(), fold_name_byte);
    return folded;
}

/// Whether the name has anything but letters, digits and `-`.
[[nodiscard]] constexpr bool is_unusual_name(std::string_view name) noexcept {
    return std::ranges::any_of(name, [](char byte) { return byte != '-' && fold_name_byte(byte) == '-'; });
}

} // namespace bearward::policies::requests
