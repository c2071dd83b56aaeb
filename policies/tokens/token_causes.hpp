// The causes of a token's refusal by its claims, in words for whoever reads the log.
#pragma once

#include "policies/tokens/verification_rules.hpp"
#include "policies/tokens/verified_token.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bearward::policies::tokens {

/// Of every token that no key signed.
inline constexpr std::string_view signature_cause = "none of the keys that fit made the signature";

[[nodiscard]] std::string issuer_cause(const verification_rules& rules, const boost::json::value* issuer);
[[nodiscard]] std::string audience_cause(const verification_rules& rules, const std::vector<std::string>& audience);
[[nodiscard]] std::string type_cause(const verification_rules& rules, const std::optional<std::string>& type, bool event);
[[nodiscard]] std::string required_cause(const required_claim& required, const found_claim& found);
[[nodiscard]] std::string lifetime_cause(const verification_rules& rules, const verified_token& token);

/// Whether two issuers differ only by a slash at the end: the most common mistake.
[[nodiscard]] bool differ_by_slash(std::string_view left, std::string_view right) noexcept;

} // namespace bearward::policies::tokens
