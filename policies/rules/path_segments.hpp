// Walks the segments of a canonical path without allocating. `/` has none, `/a`
// one, and `/a/` two, of which the second is empty. A position is where a segment
// begins.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace bearward::policies::rules {

[[nodiscard]] constexpr bool has_segment(std::string_view path, std::size_t at) noexcept {
    return at <= path.size();
}

[[nodiscard]] constexpr std::size_t first_segment(std::string_view path) noexcept {
    return path.size() <= 1 ? path.size() + 1 : 1;
}

/// The segment at a position for which has_segment holds.
[[nodiscard]] constexpr std::string_view segment_at(std::string_view path, std::size_t at) noexcept {
    return path.substr(at, std::min(path.find('/', at), path.size()) - at);
}

[[nodiscard]] constexpr std::size_t next_segment(std::string_view path, std::size_t at) noexcept {
    return std::min(path.find('/', at), path.size()) + 1;
}

} // namespace bearward::policies::rules
