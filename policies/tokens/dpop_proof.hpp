// A DPoP proof (RFC 9449 sections 4.2 and 4.3): a JWS by which the client shows, for one
// request, that it holds the key that its token is bound to.
#pragma once

#include "policies/clock.hpp"
#include "policies/jose/algorithm.hpp"
#include "policies/requests/client_target.hpp"

#include <chrono>
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace bearward::policies::tokens {

/// Proofs count when their `iat` is no further than this and clock_skew from now.
inline constexpr std::chrono::milliseconds proof_lifetime{60'000};

/// What a proof has to show.
struct proof_demand {
    std::string_view key;    ///< the thumbprint that the token is bound to
    std::string_view token;  ///< as it came
    std::string_view method; ///< the request's
    requests::client_target target;
    time_point now;
    std::chrono::milliseconds clock_skew{};
    std::size_t longest = 0; ///< bytes of a proof
};

/// A proof that holds. It counts once.
struct held_proof {
    std::string id; ///< `jti`
    time_point issued_at;
};

/// The algorithms that proofs may have: those with a key pair.
[[nodiscard]] std::span<const jose::algorithm> proof_algorithms();
/// Their words with blanks between, as a challenge names them (RFC 9449 section 7.1).
[[nodiscard]] const std::string& proof_algorithm_words();

/// All that can be said of a proof by itself; what is cheap comes first, the signature last.
/// Error: what is wrong, to follow "the DPoP proof: ".
[[nodiscard]] std::expected<held_proof, std::string> check_dpop_proof(std::string_view proof, const proof_demand& demand);

} // namespace bearward::policies::tokens
