// A key that a stranger brings along, as in the header of a DPoP proof (RFC 9449 section 4.2):
// read without the kindness that an issuer's key set has.
#pragma once

#include "policies/jose/key_set.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <string>

namespace bearward::policies::jose {

/// The public key that the JWK is, for this algorithm alone. Refused: symmetric keys, any
/// private member, members that aren't strict base64url, coordinates and numbers of
/// another length than theirs, weak keys, a key whose alg, use or key_ops say otherwise.
/// Error: a sentence, to follow "its jwk: ".
[[nodiscard]] std::expected<key, std::string> parse_public_jwk(const boost::json::object& jwk, algorithm for_algorithm);

} // namespace bearward::policies::jose
