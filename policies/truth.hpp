// Three-valued logic: what a requirement comes to where a fact is not known.
#pragma once

#include <cstdint>

namespace bearward::policies {

/// In the order in which `all` takes the least and `any` the greatest (Kleene).
enum class truth : std::uint8_t { no, unknown, yes };

[[nodiscard]] constexpr truth to_truth(bool holds) noexcept {
    return holds ? truth::yes : truth::no;
}

[[nodiscard]] constexpr truth negate(truth of) noexcept {
    return of == truth::yes ? truth::no : of == truth::no ? truth::yes : truth::unknown;
}

} // namespace bearward::policies
