// The kinds of keys that sign and verify, one row each (RFC 7518 section 6, RFC 8037
// section 2).
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace bearward::policies::jose {

enum class key_family : std::uint8_t { secret, rsa, p256, p384, p521, ed25519 };

struct key_family_row {
    key_family value;
    const char* type;       ///< a JWK's kty
    const char* curve;      ///< a JWK's crv; empty: it has none
    const char* openssl;    ///< OpenSSL's name of the type; empty: it has none
    const char* sec;        ///< the curve's other name, which OpenSSL may report; empty: none
    std::size_t coordinate; ///< bytes of one coordinate of a curve's point (RFC 7518 section 6.2.1.2); 0: none
};

inline constexpr auto key_family_table = std::to_array<key_family_row>({
    {key_family::secret, "oct", "", "", "", 0},
    {key_family::rsa, "RSA", "", "RSA", "", 0},
    {key_family::p256, "EC", "P-256", "EC", "prime256v1", 32},
    {key_family::p384, "EC", "P-384", "EC", "secp384r1", 48},
    {key_family::p521, "EC", "P-521", "EC", "secp521r1", 66},
    {key_family::ed25519, "OKP", "Ed25519", "ED25519", "", 0},
});
static_assert(is_table(key_family_table));

/// Bytes of one coordinate of a curve's point; 0 for other families.
[[nodiscard]] constexpr std::size_t field_size(key_family family) noexcept {
    return row_of(key_family_table, family).coordinate;
}

/// The name of a curve, e.g. "P-256"; empty for a family without one.
[[nodiscard]] constexpr const char* curve_name(key_family family) noexcept {
    return row_of(key_family_table, family).curve;
}

} // namespace bearward::policies::jose
