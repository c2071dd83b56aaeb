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
#include "policies/tokens/keyed_hash.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <cstddef>
#include <expected>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bearward::policies::tokens {

/// What verify_token returns.
using verification = std::expected<verified_token_ptr, refusal>;

/// The memory that a token takes by its capacities, in bytes.
[[nodiscard]] std::size_t footprint(const verified_token& token) noexcept;

/// A table of tokens that never takes more than its limit, in bytes.
class token_table {
public:
    token_table(std::size_t max_bytes, const hash_key& key) : max_bytes_(max_bytes), key_(key) {}

    /// Null when it isn't there. Allocates nothing. Valid until the next insert().
    [[nodiscard]] const verification* find(std::string_view token) noexcept;
    /// Replaces what was known of the token; forgets others until there is room.
    /// What would not fit even alone is not kept.
    void insert(std::string_view token, verification outcome);

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_ + index_.bucket_count() * sizeof(void*); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        std::string token;
        verification outcome;
        std::uint64_t hash;
        std::size_t bytes;
    };
    using entry_list = std::list<entry>;
    /// A token with its hash, so that it is computed once a request.
    struct name {
        std::uint64_t hash;
        std::string_view token;
        bool operator==(const name& other) const noexcept { return hash == other.hash && token == other.token; }
    };
    struct hash_of {
        std::size_t operator()(const name& of) const noexcept { return of.hash; }
    };

    void forget(entry_list::iterator which);

    std::size_t max_bytes_;
    hash_key key_;
    entry_list entries_; ///< the most recently used one first
    std::unordered_map<name, entry_list::iterator, hash_of> index_;
    std::size_t bytes_ = 0;
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
