// The memory that values take by their capacities, in bytes, allocators' overhead included.
#pragma once

#include "policies/tokens/verified_token.hpp"

#include <cstddef>
#include <string>

namespace bearward::policies::tokens {

/// What an allocator adds to a block, as in glibc: a size, and rounding to 16.
inline constexpr std::size_t block_cost = 16;

/// Besides the object itself.
[[nodiscard]] std::size_t heap_bytes(const std::string& text) noexcept;
[[nodiscard]] std::size_t footprint(const verified_token& token) noexcept;

} // namespace bearward::policies::tokens
