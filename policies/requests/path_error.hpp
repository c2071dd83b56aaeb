// Why a path is refused.
#pragma once

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

[[nodiscard]] std::string_view to_string(path_error error) noexcept;

} // namespace bearward::policies::requests
