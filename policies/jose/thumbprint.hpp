// JWK thumbprints (RFC 7638; OKP keys: RFC 8037 section 2; AKP keys: RFC 9964 section 3): a name for a key that
// follows from the key alone.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace bearward::policies::jose {

/// The SHA-256 thumbprint in base64url, of the members that define the key: kty
/// with crv, x, y (EC), e, n (RSA), crv, x (OKP), alg, pub (AKP) or k (oct). Nothing when one of
/// them is missing or no string, or for another kty.
[[nodiscard]] std::optional<std::string> jwk_thumbprint(const boost::json::object& jwk);

} // namespace bearward::policies::jose
