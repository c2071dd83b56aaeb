#include "policies/glob.hpp"

#include <cstddef>

namespace bearward::policies {

bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
    std::size_t at = 0;
    std::size_t read = 0;
    // If the rest doesn't fit, the last star takes one byte more; an earlier one never has to.
    std::size_t after_star = std::string_view::npos;
    std::size_t taken_to = 0;
    while (read < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            after_star = ++at;
            taken_to = read;
        } else if (at < pattern.size() && pattern[at] == text[read]) {
            ++at;
            ++read;
        } else if (after_star != std::string_view::npos) {
            at = after_star;
            read = ++taken_to;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

} // namespace bearward::policies
