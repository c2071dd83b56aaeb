// base64url without padding (RFC 4648 section 5, RFC 7515 section 2). Strict:
// each text has one decoding and each byte string one encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies::jose {

/// The bytes of a base64url text. Nothing for any other character (padding, white
/// space, `+`, `/`), an impossible length, or bits that are set beyond the last byte.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

/// Base64 in either alphabet (RFC 4648 sections 4 and 5), padded or not. Nothing for
/// other text.
[[nodiscard]] std::optional<std::string> decode_any_base64(std::string_view text);

/// Inverse of decode_base64url.
[[nodiscard]] std::string encode_base64url(std::string_view bytes);

} // namespace bearward::policies::jose
