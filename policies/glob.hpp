// Patterns of claims' values, as `matches` writes them.
#pragma once

#include <cstddef>
#include <string_view>

namespace bearward::policies {

/// matches_glob over letters of any kind, of which `star` stands for any.
template <class Letter>
[[nodiscard]] constexpr bool matches_glob_of(std::basic_string_view<Letter> pattern, std::basic_string_view<Letter> text,
                                             Letter star) noexcept {
    constexpr std::size_t none = std::basic_string_view<Letter>::npos;
    std::size_t at = 0;
    std::size_t read = 0;
    // If the rest doesn't fit, the last star takes one letter more; an earlier one never has to.
    std::size_t after_star = none;
    std::size_t taken_to = 0;
    while (read < text.size()) {
        if (at < pattern.size() && pattern[at] == star) {
            after_star = ++at;
            taken_to = read;
        } else if (at < pattern.size() && pattern[at] == text[read]) {
            ++at;
            ++read;
        } else if (after_star != none) {
            at = after_star;
            read = ++taken_to;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of(star, at) == none;
}

/// Whether the whole text has the pattern's form: `*` stands for any bytes, none
/// included, every other byte for itself. Takes time in the product of the lengths
/// at worst, and no memory.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text) noexcept;

} // namespace bearward::policies
