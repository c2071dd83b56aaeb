// SHA-256 (FIPS 180-4) of a short text.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies::jose {

using sha256_digest = std::array<unsigned char, 32>;

/// Nothing where OpenSSL fails. Allocates nothing but once a thread.
[[nodiscard]] std::optional<sha256_digest> sha256(std::string_view text) noexcept;

/// The 32 bytes as text. Throws std::runtime_error where OpenSSL fails.
[[nodiscard]] std::string sha256_text(std::string_view text);

/// Whether they are equal, in a time that does not tell where they differ.
[[nodiscard]] bool equal_digests(const sha256_digest& left, const sha256_digest& right) noexcept;

} // namespace bearward::policies::jose
