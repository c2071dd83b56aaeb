// The lexical forms of a bearer token in a request: `token68` (RFC 6750 section
// 2.1), with or without the scheme, and a JWS compact serialization (RFC 7515
// section 3.1).
#pragma once

#include <optional>
#include <string_view>

namespace bearward::policies::requests {

/// Whether the text is exactly one token68: `1*(ALPHA / DIGIT / "-._~+/") *"="`.
[[nodiscard]] bool is_token68(std::string_view text) noexcept;

/// What stands after the scheme (any case) and its spaces; nothing when the text has
/// another one. The scheme alone, or with something else than a space after it, gives
/// an empty view (into the text, as every result).
[[nodiscard]] std::optional<std::string_view> strip_scheme(std::string_view text, std::string_view scheme) noexcept;

/// strip_scheme of `Bearer`.
[[nodiscard]] std::optional<std::string_view> strip_bearer(std::string_view text) noexcept;

/// Whether the text looks like a JWS: three parts in base64url, of which the first
/// is a JSON object with `alg`.
[[nodiscard]] bool is_jws(std::string_view text);

} // namespace bearward::policies::requests
