// What a provider says of DPoP (RFC 9449).
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace bearward::policies::tokens {

enum class dpop_mode : std::uint8_t {
    off,
    accepted, ///< tokens may be bound to a key
    required, ///< and must be
};

struct dpop_mode_row {
    dpop_mode value;
    std::string_view word;
};

inline constexpr auto dpop_mode_table = std::to_array<dpop_mode_row>({
    {dpop_mode::off, "off"},
    {dpop_mode::accepted, "accepted"},
    {dpop_mode::required, "required"},
});
static_assert(is_word_table(dpop_mode_table));

} // namespace bearward::policies::tokens
