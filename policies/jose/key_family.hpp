// The kinds of keys that sign and verify, one row each (RFC 7518 section 6, RFC 8037
// section 2, RFC 9964 section 3).
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace bearward::policies::jose {

enum class key_family : std::uint8_t { secret, rsa, p256, p384, p521, ed25519, ed448, ml_dsa_44, ml_dsa_65, ml_dsa_87 };

struct key_family_row {
    key_family value;
    const char* type;       ///< a JWK's kty
    const char* curve;      ///< a JWK's crv; empty: it has none
    const char* openssl;    ///< OpenSSL's name of the type; empty: it has none
    const char* sec;        ///< the curve's other name, which OpenSSL may report; empty: none
    std::size_t coordinate; ///< bytes of one coordinate of a curve's point (RFC 7518 section 6.2.1.2); 0: none
    std::size_t raw;        ///< bytes of a public key that is one string of bytes; 0: it isn't
    std::size_t signature;  ///< bytes of a signature of such a key; 0: of others
    const char* public_key; ///< the JWK's member with such a key; empty: of others
};

inline constexpr auto key_family_table = std::to_array<key_family_row>({
    {key_family::secret, "oct", "", "", "", 0, 0, 0, ""},
    {key_family::rsa, "RSA", "", "RSA", "", 0, 0, 0, ""},
    {key_family::p256, "EC", "P-256", "EC", "prime256v1", 32, 0, 0, ""},
    {key_family::p384, "EC", "P-384", "EC", "secp384r1", 48, 0, 0, ""},
    {key_family::p521, "EC", "P-521", "EC", "secp521r1", 66, 0, 0, ""},
    {key_family::ed25519, "OKP", "Ed25519", "ED25519", "", 0, 32, 64, "x"}, // RFC 8032 section 5.1
    {key_family::ed448, "OKP", "Ed448", "ED448", "", 0, 57, 114, "x"},      // RFC 8032 section 5.2
    // FIPS 204 section 4, table 2. Of type AKP the algorithm stands where others have a curve.
    {key_family::ml_dsa_44, "AKP", "", "ML-DSA-44", "", 0, 1312, 2420, "pub"},
    {key_family::ml_dsa_65, "AKP", "", "ML-DSA-65", "", 0, 1952, 3309, "pub"},
    {key_family::ml_dsa_87, "AKP", "", "ML-DSA-87", "", 0, 2592, 4627, "pub"},
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
