// `bearward key new`: a key pair to sign tokens with.
#pragma once

#include <expected>
#include <string>

namespace bearward::proxy::commands {

struct key_pair {
    std::string private_pem; ///< PKCS#8 (RFC 5958)
    std::string public_set;  ///< the JWK Set (RFC 7517) of the public key, over several lines
};

/// A fresh pair; its `kid` is the RFC 7638 thumbprint. Error: a sentence, for an
/// unknown algorithm and for HS256/384/512, which have secrets instead of pairs.
[[nodiscard]] std::expected<key_pair, std::string> make_key_pair(const std::string& algorithm);

} // namespace bearward::proxy::commands
