// The signature algorithms of RFC 7518 section 3.1 and RFC 8037 that Bearward
// verifies. `none` is not among them and never will be.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bearward::policies::jose {

enum class algorithm : std::uint8_t {
    hs256,
    hs384,
    hs512,
    rs256,
    rs384,
    rs512,
    ps256,
    ps384,
    ps512,
    es256,
    es384,
    es512,
    eddsa,
};

inline constexpr std::size_t algorithm_count = 13;

/// The `alg` word, e.g. "RS256", "EdDSA".
[[nodiscard]] std::string_view to_string(algorithm value) noexcept;

/// Exact match of an `alg` word (case-sensitive, RFC 7515 section 4.1.1).
[[nodiscard]] std::optional<algorithm> parse_algorithm(std::string_view word) noexcept;

/// HS256, HS384, HS512.
[[nodiscard]] constexpr bool is_hmac(algorithm value) noexcept {
    return value <= algorithm::hs512;
}

} // namespace bearward::policies::jose
