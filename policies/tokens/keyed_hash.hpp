// SipHash-1-3 (Aumasson and Bernstein, 2012; the variant of Rust's and Python's
// hash tables): who does not know the key can't choose texts that collide. For
// tables only, not a message authentication code.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bearward::policies::tokens {

/// 128 random bits; a fresh one for each table or process.
using hash_key = std::array<std::uint64_t, 2>;

[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, std::string_view text) noexcept;

} // namespace bearward::policies::tokens
