// How the checks of a token are reported to an observer: the values that were
// compared, put into words. Nothing here decides. Internal to tokens.
#pragma once

#include "policies/clock.hpp"
#include "policies/explanation.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/tokens/verification_rules.hpp"
#include "policies/tokens/verified_token.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string_view>
#include <utility>

namespace bearward::policies::tokens {

[[nodiscard]] step form_step(std::string_view what);
[[nodiscard]] step key_step(const jose::key_set& keys, const jose::jws& token, std::size_t tried);
/// `by`: the key that verified it; null: none did.
[[nodiscard]] step signature_step(const jose::jws& token, std::size_t tried, const jose::key* by);
/// Which claims could be read, and which have a wrong type; what of `who` is unknown.
[[nodiscard]] step claims_step(std::span<const std::pair<std::string_view, bool>> read, const identity& who);
[[nodiscard]] step issuer_step(const verification_rules& rules, const boost::json::value* issuer);
[[nodiscard]] step audience_step(const verification_rules& rules, const std::vector<std::string>& audience);
[[nodiscard]] step type_step(const verification_rules& rules, const std::optional<std::string>& type);
[[nodiscard]] step required_step(const required_claim& required, const found_claim& claim);
[[nodiscard]] step user_step(const verified_token& token);
[[nodiscard]] step lifetime_step(const verification_rules& rules, const verified_token& token);
[[nodiscard]] step expiry_step(const verification_rules& rules, const verified_token& token, time_point now);
/// nbf or iat, which must not be later than `latest`.
[[nodiscard]] step start_step(std::string_view claim, time_point date, time_point latest, const verification_rules& rules);
/// The names that a revocation list may hold.
[[nodiscard]] step revocation_step(const verified_token& token);
/// `unproven`: why the binding does not hold; empty: it does.
[[nodiscard]] step binding_step(const confirmation& bound_to, std::string unproven);

} // namespace bearward::policies::tokens
