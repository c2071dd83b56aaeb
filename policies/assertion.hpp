// Tells the upstream who asks in a JSON Web Token of our own (RFC 7519), for apps that want
// more than a header which anybody could write who reaches them.
#pragma once

#include "policies/clock.hpp"
#include "policies/identity.hpp"
#include "policies/jose/algorithm.hpp"
#include "policies/jose/signature.hpp"

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

namespace bearward::policies {

/// How assertions are made; of one configuration. Immutable.
struct assertion_rules {
    std::string header; ///< that carries them
    std::string issuer;
    std::string audience; ///< empty: the upstream's name
    std::chrono::seconds lifetime{60};
    jose::signing_key key;
    jose::algorithm alg = jose::algorithm::es256;
    std::string protected_header; ///< in base64url
    std::string public_jwk;       ///< as JSON text
};

/// Takes a private key (PEM): its algorithm follows from it, and its `kid` is its thumbprint (RFC 7638).
/// Error: a sentence; of one that is too weak too.
[[nodiscard]] std::expected<assertion_rules, std::string> make_assertion_rules(std::string_view private_pem);

/// What an assertion says besides who made it and when.
struct asserted_request {
    const identity& who;
    std::string_view audience;
    std::string_view method;
    std::string_view path; ///< as it is forwarded
};

/// The token. Empty: OpenSSL has no memory. `id`: its `jti`, unique.
[[nodiscard]] std::string make_assertion(const assertion_rules& rules, const asserted_request& about, time_point now, std::string_view id);

} // namespace bearward::policies
