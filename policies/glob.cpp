#include "policies/glob.hpp"

namespace bearward::policies {

bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
    return matches_glob_of(pattern, text, '*');
}

} // namespace bearward::policies
