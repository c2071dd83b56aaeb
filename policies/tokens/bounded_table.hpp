// Values by token in a bounded memory, least recently used ones forgotten first. Tokens are
// found by a keyed hash and compared whole.
#pragma once

#include "policies/invariant.hpp"
#include "policies/tokens/footprint.hpp"
#include "policies/tokens/keyed_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bearward::policies::tokens {

/// Never takes more than its limit, in bytes. Not thread-safe.
template <class Value>
class bounded_table {
public:
    bounded_table(std::size_t max_bytes, const hash_key& key) : max_bytes_(max_bytes), key_(key) {}

    /// Null when it isn't there. Allocates nothing. Valid until the next insert().
    [[nodiscard]] const Value* find(std::string_view token) noexcept {
        if (entries_.empty()) {
            return nullptr;
        }
        const auto found = index_.find(name{keyed_hash(key_, token), token});
        if (found == index_.end()) {
            return nullptr;
        }
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->value;
    }

    /// Replaces what was known of the token; forgets others until there is room. What would not
    /// fit even alone is not kept. `value_bytes`: what the value has besides itself.
    void insert(std::string_view token, Value value, std::size_t value_bytes) {
        const std::uint64_t hash = keyed_hash(key_, token);
        if (const auto known = index_.find(name{hash, token}); known != index_.end()) {
            drop(known->second);
        }
        // The list's node, the index's node (a link, a name, an iterator, a hash), the token.
        constexpr std::size_t nodes = sizeof(entry) + 2 * sizeof(void*) + sizeof(name) + 3 * sizeof(void*) + 2 * block_cost;
        const std::size_t cost = nodes + token.size() + 1 + block_cost + value_bytes;
        // A table that has to grow doubles its buckets, about.
        while (!entries_.empty() && bytes() + cost > max_bytes_) {
            drop(std::prev(entries_.end()));
        }
        if (bytes() + cost > max_bytes_) {
            return;
        }
        entries_.push_front({std::string(token), std::move(value), hash, cost});
        const bool added = index_.emplace(name{hash, entries_.front().token}, entries_.begin()).second;
        invariant(added, "a token is in the table once");
        bytes_ += cost;
        while (bytes() > max_bytes_ && !entries_.empty()) {
            drop(std::prev(entries_.end())); // the index grew
        }
    }

    void forget(std::string_view token) noexcept {
        if (entries_.empty()) {
            return;
        }
        if (const auto known = index_.find(name{keyed_hash(key_, token), token}); known != index_.end()) {
            drop(known->second);
        }
    }

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_ + index_.bucket_count() * sizeof(void*); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        std::string token;
        Value value;
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

    void drop(typename entry_list::iterator which) {
        invariant(which->bytes <= bytes_, "a table of tokens takes as many bytes as its entries");
        bytes_ -= which->bytes;
        index_.erase(name{which->hash, which->token});
        entries_.erase(which);
    }

    std::size_t max_bytes_;
    hash_key key_;
    entry_list entries_; ///< the most recently used one first
    std::unordered_map<name, typename entry_list::iterator, hash_of> index_;
    std::size_t bytes_ = 0;
};

} // namespace bearward::policies::tokens
