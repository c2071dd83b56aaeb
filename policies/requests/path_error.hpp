// Why a path is refused, one row each.
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace bearward::policies::requests {

/// Why a path is refused with 400.
enum class path_error : std::uint8_t {
    not_absolute,     ///< does not start with `/`
    malformed_escape, ///< `%` without two hex digits
    encoded_control,  ///< %00-%1F, %7F
    invalid_byte,     ///< outside printable ASCII, or `#`
    above_root,       ///< `..` climbs over the root
    ambiguous,        ///< %2F, %5C, `\`, `;`, %3B, a double escape, `//..` with ambiguous_paths::reject
};

struct path_error_row {
    path_error value;
    std::string_view word;
    std::string_view of_request; ///< the log's cause
    std::string_view of_route;   ///< of a path in the configuration
};

inline constexpr auto path_error_table = std::to_array<path_error_row>({
    {path_error::not_absolute, "not_absolute", "path: no / at its start", "a path starts with /"},
    {path_error::malformed_escape, "malformed_escape", "path: % without two hexadecimal digits", "% must be followed by two hex digits"},
    {path_error::encoded_control, "encoded_control", "path: an encoded control character", "control characters are not accepted in a path"},
    {path_error::invalid_byte, "invalid_byte", "path: an invalid byte",
     "a path has neither spaces, ?, # nor bytes outside ASCII; write them percent-encoded"},
    {path_error::above_root, "above_root", "path: .. above the root", "the path climbs above /"},
    {path_error::ambiguous, "ambiguous", "path: ambiguous (an encoded slash, backslash or percent sign, ; or //..)",
     "servers read %2F, %5C, \\, ;, %3B, double escapes and //.. differently; a route's path has none of them"},
});
static_assert(is_word_table(path_error_table));

[[nodiscard]] constexpr std::string_view to_string(path_error error) noexcept {
    return word_of(path_error_table, error);
}

} // namespace bearward::policies::requests
