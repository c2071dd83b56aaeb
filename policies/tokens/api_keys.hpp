// API keys: `bwk_` and 32 random bytes in base64url (RFC 4648 section 5). Only their
// SHA-256 is kept. A key has 256 random bits, so nobody can guess one from its hash, and
// a slow hash with a salt, as passwords need it, would add nothing but its cost.
#pragma once

#include "policies/clock.hpp"
#include "policies/jose/sha256.hpp"
#include "policies/reason.hpp"
#include "policies/refusal.hpp"
#include "policies/tokens/verified_token.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::tokens {

inline constexpr std::string_view api_key_prefix = "bwk_";
inline constexpr std::size_t api_key_random_bytes = 32;
inline constexpr std::size_t api_key_size = api_key_prefix.size() + 43; ///< in bytes, of a whole key

/// Whether the text has the form of a key.
[[nodiscard]] bool is_api_key(std::string_view text) noexcept;

/// The key of these bytes.
[[nodiscard]] std::string make_api_key(std::string_view random_bytes);

/// One key, as far as it is known.
struct api_key {
    std::string id; ///< for people
    jose::sha256_digest hash{};
    verified_token_ptr means; ///< never null: the identity, and when the key ends
};

/// The keys of one provider. Immutable; looking up allocates nothing.
class api_key_list {
public:
    api_key_list() = default;
    /// Each hash is there once.
    explicit api_key_list(std::vector<api_key> keys);

    /// Null: none is it. Only a text in the form of a key is hashed. The time tells at most
    /// how far the hash of what was sent agrees with others, which nobody can choose.
    [[nodiscard]] const api_key* find(std::string_view sent) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }

private:
    std::vector<api_key> keys_; ///< by the hash
};

/// The key that was sent, or api_key_unknown. `observer`, if given, gets the check.
[[nodiscard]] std::expected<verified_token_ptr, refusal> verify_api_key(const api_key_list& keys, std::string_view sent,
                                                                        explanation* observer = nullptr);

/// api_key_expired from the key's end on. No other clock than this one is compared, so
/// there is no allowance for differences. Else ok.
[[nodiscard]] reason judge_api_key(const verified_token& key, time_point now, explanation* observer = nullptr);

/// Why judge_api_key refused the key.
[[nodiscard]] std::string api_key_cause(const verified_token& key, time_point now);

} // namespace bearward::policies::tokens
