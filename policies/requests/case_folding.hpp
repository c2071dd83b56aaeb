// Letters without regard to case, as routers that ignore it compare them: all that
// any of them takes for equal is equal here. Simple case folding (Unicode 14,
// CaseFolding.txt, status C and S), and both Turkish letters as `i`.
#pragma once

#include "policies/ascii.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace bearward::policies::requests {

/// Whether fold_case would change the text, as far as ASCII goes.
[[nodiscard]] constexpr bool has_upper(std::string_view text) noexcept {
    return std::ranges::any_of(text, is_upper);
}

/// UTF-8, percent-decoded, with every letter folded; bytes that aren't UTF-8 stay.
[[nodiscard]] std::string fold_case(std::string_view text);

} // namespace bearward::policies::requests
