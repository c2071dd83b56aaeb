// Remembers what verification came to, for one provider of one generation of the
// rules: the signature and the parsed claims, never a verdict that depends on
// time, revocation, binding or a route. Where another provider or generation
// begins, another cache does: nothing is carried over.
//
// Tokens are found by a keyed hash and compared whole. Good tokens and bad
// signatures have memories of their own, so that no flood of bad ones can push
// out the good. Least recently used ones go first. Not thread-safe.
#pragma once

#include "policies/reason.hpp"
#include "policies/tokens/bounded_table.hpp"
#include "policies/tokens/footprint.hpp"
#include "policies/tokens/keyed_hash.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <cstddef>
#include <expected>
#include <string_view>

namespace bearward::policies::tokens {

/// What verify_token returns.
using verification = std::expected<verified_token_ptr, refusal>;

/// A table of tokens that never takes more than its limit, in bytes.
class token_table {
public:
    token_table(std::size_t max_bytes, const hash_key& key) : known_(max_bytes, key) {}

    /// Null when it isn't there. Allocates nothing. Valid until the next insert().
    [[nodiscard]] const verification* find(std::string_view token) noexcept { return known_.find(token); }
    /// Replaces what was known of the token; forgets others until there is room.
    /// What would not fit even alone is not kept.
    void insert(std::string_view token, verification outcome);

    [[nodiscard]] std::size_t bytes() const noexcept { return known_.bytes(); }
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
    bounded_table<verification> known_;
};

class token_cache {
public:
    /// `max_bytes` for all of it; a sixteenth is for bad signatures.
    token_cache(std::size_t max_bytes, const hash_key& key)
        : good_(max_bytes - max_bytes / negative_share, key), bad_(max_bytes / negative_share, key) {}

    /// Null when it has to be verified. Allocates nothing. Valid until the next insert().
    [[nodiscard]] const verification* find(std::string_view token) noexcept;
    /// Remembers good tokens and bad signatures. Other refusals cost little to find again.
    void insert(std::string_view token, const verification& outcome);

    [[nodiscard]] std::size_t bytes() const noexcept { return good_.bytes() + bad_.bytes(); }
    /// Good tokens.
    [[nodiscard]] std::size_t size() const noexcept { return good_.size(); }
    [[nodiscard]] std::size_t negative_size() const noexcept { return bad_.size(); }

private:
    static constexpr std::size_t negative_share = 16;

    token_table good_;
    token_table bad_;
};

} // namespace bearward::policies::tokens
