// What is inside a verification key, how it is made, and what it may be used
// for (RFC 7518 sections 3.2 to 3.5 and 6, RFC 8037 section 2, RFC 9964). Internal to jose.
#pragma once

#include "policies/jose/key_family.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/jose/openssl_handles.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::jose {

/// Which keys are accepted at all, for messages.
inline constexpr const char* accepted_types = "only RSA, P-256, P-384, P-521, Ed25519, Ed448 and ML-DSA keys are accepted";

/// Immutable; shared by the copies of a key.
struct key::material {
    material(key_family of, std::string shared_secret, pkey_ptr verifies_with);
    ~material();
    material(const material&) = delete;
    material& operator=(const material&) = delete;

    key_family family;
    std::string secret;   ///< HMAC only
    pkey_ptr public_key;  ///< null for secrets
    std::uint64_t serial; ///< unique in this process; names the key in per-thread caches
};

using material_ptr = std::shared_ptr<const key::material>;
using material_or_error = std::expected<material_ptr, std::string>; ///< error: what is wrong, to follow "key: "

/// RSA public key; big-endian magnitudes.
[[nodiscard]] material_or_error make_rsa_material(std::string_view modulus, std::string_view exponent);
/// A point on P-256, P-384 or P-521. Coordinates may lack zeros in front or have
/// one too many: the issuer is trusted, and a wrong point is on no curve.
[[nodiscard]] material_or_error make_ec_material(key_family curve, std::string_view x, std::string_view y);
/// A key that is one string of bytes, of the length that its family has.
[[nodiscard]] material_or_error make_raw_material(key_family family, std::string_view public_bytes);
[[nodiscard]] material_or_error make_secret_material(std::string_view secret);
/// Takes a public key as read from PEM and checks it like the others.
[[nodiscard]] material_or_error adopt_public_key(pkey_ptr public_key);

/// The public key of a family whose keys are one string of bytes; nothing where there is none.
[[nodiscard]] std::optional<std::string> raw_public_key(const EVP_PKEY& key, key_family family);

/// The family of an OpenSSL key; nothing for types and curves that JWS has no
/// supported algorithm for.
[[nodiscard]] std::optional<key_family> family_of(const EVP_PKEY& key) noexcept;

/// Empty, or why the key is too weak for the algorithm: an HMAC secret shorter
/// than the hash (RFC 7518 section 3.2), RSA under 2048 bits (section 3.3).
[[nodiscard]] std::string weakness(const key::material& material, algorithm value);

/// Why a key is not used.
struct key_fault {
    std::string what;       ///< to follow "key: "
    bool other_use = false; ///< it is sound, and for something else
};

/// The key that a JWK is. Error: why it isn't used.
[[nodiscard]] std::expected<key, key_fault> read_jwk(const boost::json::object& jwk, const key_options& options);

/// The options' algorithms that the key fits, is strong enough for, and that
/// `only` (the key's own `alg`) leaves. Error: why there is none.
[[nodiscard]] std::expected<std::vector<algorithm>, key_fault> allowed_algorithms(const key::material& material, const key_options& options,
                                                                                  std::optional<algorithm> only);

/// Says in `set.weak` for which of its algorithms the key is too weak; `name` begins the line.
void note_weakness(key_set& set, const key::material& material, const std::vector<algorithm>& allowed, const std::string& name);

} // namespace bearward::policies::jose
