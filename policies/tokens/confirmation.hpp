// What a token is bound to: its `cnf` claim (RFC 7800), parsed once (RFC 8705 section 3.1,
// RFC 9449 section 6.1).
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace bearward::policies::tokens {

/// A token that has one counts only in a request that proves all of it.
struct confirmation {
    bool present = false;
    std::string certificate; ///< `x5t#S256`: the SHA-256 of the client's certificate, in base64url; empty: none
    std::string key;         ///< `jkt`: the SHA-256 thumbprint of the client's key, in base64url; empty: none
    std::string fault;       ///< why no request can prove it; empty: one may

    friend bool operator==(const confirmation&, const confirmation&) = default;
};

/// Reads the claim; null: there is none, which `null` is too. What is not understood
/// makes a fault, so that nothing is taken for proven that isn't.
[[nodiscard]] confirmation parse_confirmation(const boost::json::value* claim);

} // namespace bearward::policies::tokens
