// Signature verification and signing. The only code that touches OpenSSL's EVP.
#pragma once

#include "policies/jose/algorithm.hpp"
#include "policies/jose/key_set.hpp"

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace bearward::policies::jose {

/// Whether `signature` (raw bytes, as decoded from the token) is the key's
/// signature of `signing_input` (RFC 7515 section 5.2). PSS salts are as long as
/// the hash; ECDSA signatures are exactly two field sizes (RFC 7518 section 3.4).
/// False also when the key does not allow the algorithm. Thread-safe.
[[nodiscard]] bool verify_signature(const key& with, algorithm using_algorithm, std::string_view signing_input,
                                    std::string_view signature) noexcept;

/// A private key or secret that signs. For `token mint`, `demo` and tests.
class signing_key {
public:
    struct material;

    /// From PEM (PKCS#8, PKCS#1 or SEC1). Error: a sentence.
    [[nodiscard]] static std::expected<signing_key, std::string> parse_pem(std::string_view pem);
    [[nodiscard]] static signing_key from_secret(std::string_view secret);
    /// A fresh key for the algorithm: RSA 2048, the curve of ES*, Ed25519, Ed448, ML-DSA, or as
    /// many random bytes as the hash. Throws std::runtime_error where OpenSSL can't (is_available).
    [[nodiscard]] static signing_key generate(algorithm for_algorithm);

    /// The raw JWS signature. Error: a sentence, when the key doesn't fit.
    [[nodiscard]] std::expected<std::string, std::string> sign(algorithm using_algorithm, std::string_view signing_input) const;
    /// PKCS#8 PEM; for a secret its bytes.
    [[nodiscard]] std::string private_pem() const;
    /// SubjectPublicKeyInfo PEM; empty for a secret.
    [[nodiscard]] std::string public_pem() const;
    /// The public JWK (for a secret: `oct`), with `kid` and `alg`.
    [[nodiscard]] std::string jwk(algorithm for_algorithm, std::string_view kid) const;

private:
    explicit signing_key(std::shared_ptr<const material> opaque) : material_(std::move(opaque)) {}
    std::shared_ptr<const material> material_;
};

} // namespace bearward::policies::jose
