#include "policies/tokens/signed_claims.hpp"

#include "policies/jose/jws.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/token_signature.hpp"

#include <utility>

namespace bearward::policies::tokens {

std::expected<signed_claims, refusal> verify_claims(std::span<const jose::algorithm> allowed, const jose::key_set& keys,
                                                    std::string_view text) {
    auto parsed = jose::parse_jws(text, allowed);
    if (!parsed) {
        return std::unexpected(std::move(parsed).error());
    }
    if (auto refused = check_signature(keys, *parsed, nullptr)) {
        return std::unexpected(std::move(*refused));
    }
    auto claims = jose::parse_json_object(parsed->payload);
    if (!claims) {
        return std::unexpected(refusal(reason::token_malformed, "the payload is not one sound JSON object"));
    }
    return signed_claims{.claims = std::move(*claims), .type = std::move(parsed->type)};
}

} // namespace bearward::policies::tokens
