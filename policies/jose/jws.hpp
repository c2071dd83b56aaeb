// The JWS compact serialization (RFC 7515 sections 3.1, 4.1 and 7.1), read with
// the strictness of RFC 8725. Nothing here is verified yet. Keys that a header
// names or carries (jwk, jku, x5c, x5u) are never looked at.
#pragma once

#include "policies/jose/algorithm.hpp"
#include "policies/refusal.hpp"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::jose {

/// The three parts as they came, still encoded.
struct jws_parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
};

/// Splits at the dots. Nothing unless there are exactly three parts; the five of
/// a JWE are none of ours.
[[nodiscard]] std::optional<jws_parts> split_jws(std::string_view token) noexcept;

/// A JWS whose form holds and whose algorithm is allowed. `signing_input` points
/// into the token.
struct jws {
    algorithm alg = algorithm::hs256;
    std::optional<std::string> key_id; ///< `kid`
    std::optional<std::string> type;   ///< `typ`
    std::string_view signing_input;
    std::string payload;   ///< decoded
    std::string signature; ///< decoded, never empty
};

/// Errors: token_malformed; algorithm_not_allowed for an `alg` that is unknown,
/// `none` in any spelling, or not in `allowed`, each with its cause. `observer`, if given, sees it.
[[nodiscard]] std::expected<jws, refusal> parse_jws(std::string_view token, std::span<const algorithm> allowed,
                                                    explanation* observer = nullptr);

} // namespace bearward::policies::jose
