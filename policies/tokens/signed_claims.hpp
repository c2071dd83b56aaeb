// What an issuer signs besides credentials: a JWS (RFC 7515) with claims, verified as strictly as a
// token, whose claims are for others to judge.
#pragma once

#include "policies/jose/algorithm.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/refusal.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bearward::policies::tokens {

struct signed_claims {
    boost::json::object claims;
    std::optional<std::string> type; ///< `typ`
};

/// Form, algorithm, key, signature, one sound JSON object. Errors as of verify_token, `by_other_keys` included.
[[nodiscard]] std::expected<signed_claims, refusal> verify_claims(std::span<const jose::algorithm> allowed, const jose::key_set& keys,
                                                                  std::string_view text);

} // namespace bearward::policies::tokens
