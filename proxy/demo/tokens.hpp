// The demo's issuer: a key made on the spot and the tokens of four callers.
#pragma once

#include "policies/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::demo {

inline constexpr std::string_view demo_issuer = "https://demo.bearward.example/";
inline constexpr std::string_view demo_audience = "demo-app";

/// A token under the name of its shell variable, without `$`.
struct named_token {
    std::string name;  ///< READER
    std::string about; ///< whose it is, for people
    std::string value;
};

struct credentials {
    std::string jwks; ///< the public key as a JWK Set
    std::vector<named_token> tokens;
};

/// A fresh ES256 key and READER, ADMIN, OTHER (another tenant's), EXPIRED (an hour
/// ago). The others are good for twelve hours from `now`. Throws std::runtime_error
/// when OpenSSL can't make or use the key.
[[nodiscard]] credentials make_credentials(policies::time_point now);

/// `text` with each `$NAME` replaced by the token of that name; a `$` before
/// something else stays.
[[nodiscard]] std::string expand_tokens(std::string_view text, const std::vector<named_token>& tokens);

} // namespace bearward::proxy::demo
