// What a provider of type jwt demands of its tokens.
#pragma once

#include "policies/jose/algorithm.hpp"
#include "policies/tokens/claim_path.hpp"
#include "policies/tokens/claim_source.hpp"
#include "policies/tokens/dpop_mode.hpp"
#include "policies/tokens/issuer_pattern.hpp"
#include "policies/tokens/revocation_list.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bearward::policies::tokens {

/// One entry of `required_claims`.
struct required_claim {
    claim_path path;
    bool present_only = false;
    std::vector<boost::json::value> values{}; ///< any of them
    std::optional<std::string> pattern{};     ///< `matches`
};

/// The rules of one provider of type jwt.
struct verification_rules {
    std::string provider;
    std::vector<issuer_pattern> issuers; ///< names of one issuer; empty: `iss` is not looked at
    std::vector<std::string> audiences;  ///< empty: `aud` is not looked at
    std::vector<jose::algorithm> algorithms;
    std::chrono::milliseconds clock_skew{30'000};
    bool require_expiry = true;
    bool require_user = false; ///< a token that names none is refused
    std::optional<std::chrono::milliseconds> max_lifetime;
    std::vector<std::string> types{"JWT", "at+jwt"}; ///< accepted `typ`, case-insensitive, "application/" ignored
    bool require_type = false;
    dpop_mode dpop = dpop_mode::off;
    claim_mapping claims;
    std::vector<required_claim> required_claims;
    revocation_list revoked;
    std::size_t max_token = std::size_t{16} * 1024; ///< bytes; a longer token is malformed
};

} // namespace bearward::policies::tokens
