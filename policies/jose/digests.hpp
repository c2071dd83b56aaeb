// The hash functions, fetched from OpenSSL once: a fetch by name for each
// signature costs more than hashing a token. Internal to jose.
#pragma once

#include "policies/jose/algorithm.hpp"
#include "policies/jose/openssl_handles.hpp"

namespace bearward::policies::jose {

/// The hash of an algorithm; null for EdDSA. Lives as long as the process.
[[nodiscard]] const EVP_MD* digest_of(algorithm value) noexcept;

/// OpenSSL's name of it, e.g. "SHA2-256"; null for EdDSA.
[[nodiscard]] const char* digest_name(algorithm value) noexcept;

} // namespace bearward::policies::jose
