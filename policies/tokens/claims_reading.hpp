// Reads who is meant and when from the claims of a token that is genuine, whoever said so:
// a signature (token_verifier) or the issuer itself (introspection).
#pragma once

#include "policies/refusal.hpp"
#include "policies/tokens/verification_rules.hpp"
#include "policies/tokens/verified_token.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <memory>
#include <optional>
#include <string>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::tokens {

/// The token with its claims_verdict. Error: token_malformed, claims of a form that can't be
/// read. `type`: `typ` of a JWS.
[[nodiscard]] std::expected<std::shared_ptr<verified_token>, refusal> read_claims(const verification_rules& rules,
                                                                                  boost::json::object claims,
                                                                                  const std::optional<std::string>& type,
                                                                                  explanation* observer = nullptr);

} // namespace bearward::policies::tokens
