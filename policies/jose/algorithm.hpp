// The signature algorithms of RFC 7518 section 3.1, RFC 8037 and RFC 9864 that Bearward
// verifies. `none` is not among them and never will be.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
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
    eddsa,   ///< RFC 8037's name, of Ed25519 keys here
    ed25519, ///< RFC 9864's name for the same
};

inline constexpr std::size_t algorithm_count = 14;

/// The `alg` word, e.g. "RS256", "EdDSA".
[[nodiscard]] std::string_view to_string(algorithm value) noexcept;

/// Exact match of an `alg` word (case-sensitive, RFC 7515 section 4.1.1).
[[nodiscard]] std::optional<algorithm> parse_algorithm(std::string_view word) noexcept;

/// Whether a list of accepted algorithms lets `value` through: each itself, and
/// EdDSA its newer name too.
[[nodiscard]] constexpr bool accepts(std::span<const algorithm> accepted, algorithm value) noexcept {
    return std::ranges::any_of(
        accepted, [value](algorithm each) { return each == value || (each == algorithm::eddsa && value == algorithm::ed25519); });
}

/// HS256, HS384, HS512.
[[nodiscard]] constexpr bool is_hmac(algorithm value) noexcept {
    return value <= algorithm::hs512;
}

} // namespace bearward::policies::jose
