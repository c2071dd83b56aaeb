// Patterns of claims' values, as `matches` writes them.
#pragma once

#include <string_view>

namespace bearward::policies {

/// Whether the whole text has the pattern's form: `*` stands for any bytes, none
/// included, every other byte for itself. Takes time in the product of the lengths
/// at worst, and no memory.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text) noexcept;

} // namespace bearward::policies
