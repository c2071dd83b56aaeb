// The signature algorithms of RFC 7518 section 3.1, RFC 8037, RFC 9864 and RFC 9964 that Bearward
// verifies, one row each. `none` is not among them and never will be.
#pragma once

#include "policies/jose/key_family.hpp"
#include "policies/word_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
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
    ed448,   ///< RFC 9864's name, the only one for Ed448 keys here
    ml_dsa_44,
    ml_dsa_65,
    ml_dsa_87,
};

/// What is hashed before it is signed; none: the signature hashes by itself.
enum class hash_function : std::uint8_t { none, sha256, sha384, sha512 };

struct hash_row {
    hash_function value;
    const char* name; ///< OpenSSL's; null: none
    std::size_t size; ///< bytes
};

inline constexpr auto hash_function_table = std::to_array<hash_row>({
    {hash_function::none, nullptr, 0},
    {hash_function::sha256, "SHA2-256", 32},
    {hash_function::sha384, "SHA2-384", 48},
    {hash_function::sha512, "SHA2-512", 64},
});
static_assert(is_table(hash_function_table));

enum class rsa_padding : std::uint8_t { none, pkcs1, pss };

struct algorithm_row {
    algorithm value;
    std::string_view word; ///< of `alg`
    key_family family;     ///< the only one that it fits
    hash_function hash;
    rsa_padding padding;
};

inline constexpr auto algorithm_table = std::to_array<algorithm_row>({
    {algorithm::hs256, "HS256", key_family::secret, hash_function::sha256, rsa_padding::none},
    {algorithm::hs384, "HS384", key_family::secret, hash_function::sha384, rsa_padding::none},
    {algorithm::hs512, "HS512", key_family::secret, hash_function::sha512, rsa_padding::none},
    {algorithm::rs256, "RS256", key_family::rsa, hash_function::sha256, rsa_padding::pkcs1},
    {algorithm::rs384, "RS384", key_family::rsa, hash_function::sha384, rsa_padding::pkcs1},
    {algorithm::rs512, "RS512", key_family::rsa, hash_function::sha512, rsa_padding::pkcs1},
    {algorithm::ps256, "PS256", key_family::rsa, hash_function::sha256, rsa_padding::pss},
    {algorithm::ps384, "PS384", key_family::rsa, hash_function::sha384, rsa_padding::pss},
    {algorithm::ps512, "PS512", key_family::rsa, hash_function::sha512, rsa_padding::pss},
    {algorithm::es256, "ES256", key_family::p256, hash_function::sha256, rsa_padding::none},
    {algorithm::es384, "ES384", key_family::p384, hash_function::sha384, rsa_padding::none},
    {algorithm::es512, "ES512", key_family::p521, hash_function::sha512, rsa_padding::none},
    {algorithm::eddsa, "EdDSA", key_family::ed25519, hash_function::none, rsa_padding::none},
    {algorithm::ed25519, "Ed25519", key_family::ed25519, hash_function::none, rsa_padding::none},
    {algorithm::ed448, "Ed448", key_family::ed448, hash_function::none, rsa_padding::none},
    {algorithm::ml_dsa_44, "ML-DSA-44", key_family::ml_dsa_44, hash_function::none, rsa_padding::none},
    {algorithm::ml_dsa_65, "ML-DSA-65", key_family::ml_dsa_65, hash_function::none, rsa_padding::none},
    {algorithm::ml_dsa_87, "ML-DSA-87", key_family::ml_dsa_87, hash_function::none, rsa_padding::none},
});
static_assert(is_word_table(algorithm_table));

/// The `alg` word, e.g. "RS256", "EdDSA".
[[nodiscard]] constexpr std::string_view to_string(algorithm value) noexcept {
    return word_of(algorithm_table, value);
}

/// Exact match of an `alg` word (case-sensitive, RFC 7515 section 4.1.1).
[[nodiscard]] constexpr std::optional<algorithm> parse_algorithm(std::string_view word) noexcept {
    return find_word(algorithm_table, word);
}

/// Whether a list of accepted algorithms lets `value` through: each itself, and
/// EdDSA its newer name too.
[[nodiscard]] constexpr bool accepts(std::span<const algorithm> accepted, algorithm value) noexcept {
    return std::ranges::any_of(
        accepted, [value](algorithm each) { return each == value || (each == algorithm::eddsa && value == algorithm::ed25519); });
}

/// Whether the algorithm is one for keys of this family, whatever their size.
[[nodiscard]] constexpr bool family_fits(key_family family, algorithm value) noexcept {
    return row_of(algorithm_table, value).family == family;
}

/// HS256, HS384, HS512.
[[nodiscard]] constexpr bool is_hmac(algorithm value) noexcept {
    return family_fits(key_family::secret, value);
}

/// ML-DSA-44, ML-DSA-65, ML-DSA-87, which not every OpenSSL has (is_available).
[[nodiscard]] constexpr bool is_ml_dsa(algorithm value) noexcept {
    return std::string_view(row_of(key_family_table, row_of(algorithm_table, value).family).type) == "AKP";
}

/// PS256, PS384, PS512.
[[nodiscard]] constexpr bool is_pss(algorithm value) noexcept {
    return row_of(algorithm_table, value).padding == rsa_padding::pss;
}

/// Bytes of the hash of an HS, RS, PS or ES algorithm; 0 where the signature hashes by itself.
[[nodiscard]] constexpr std::size_t hash_size(algorithm value) noexcept {
    return row_of(hash_function_table, row_of(algorithm_table, value).hash).size;
}

} // namespace bearward::policies::jose
