#include "policies/tokens/token_cache.hpp"

#include "policies/invariant.hpp"

#include <utility>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// What an allocator adds to a block, as in glibc: a size, and rounding to 16.
constexpr std::size_t block_cost = 16;

std::size_t heap_bytes(const std::string& text) noexcept {
    return text.capacity() <= std::string{}.capacity() ? 0 : text.capacity() + 1 + block_cost;
}

std::size_t heap_bytes(const std::vector<std::string>& list) noexcept {
    std::size_t sum = list.capacity() * sizeof(std::string) + block_cost;
    for (const std::string& each : list) {
        sum += heap_bytes(each);
    }
    return sum;
}

std::size_t heap_bytes(const json::object& object) noexcept;

std::size_t heap_bytes(const json::value& value) noexcept {
    std::size_t sum = 0;
    if (const json::string* text = value.if_string()) {
        sum += text->capacity() + block_cost;
    } else if (const json::object* object = value.if_object()) {
        sum += heap_bytes(*object);
    } else if (const json::array* array = value.if_array()) {
        sum += array->capacity() * sizeof(json::value) + block_cost;
        for (const json::value& each : *array) {
            sum += heap_bytes(each);
        }
    }
    return sum;
}

std::size_t heap_bytes(const json::object& object) noexcept {
    // Each member may have a place in a hash index besides.
    std::size_t sum = object.capacity() * (sizeof(json::key_value_pair) + sizeof(std::uint32_t)) + block_cost;
    for (const json::key_value_pair& each : object) {
        sum += each.key().size() + 1 + block_cost + heap_bytes(each.value());
    }
    return sum;
}

} // namespace

std::size_t footprint(const verified_token& token) noexcept {
    const identity& who = token.who;
    return sizeof(verified_token) + 2 * block_cost + heap_bytes(token.id) + heap_bytes(token.session) + heap_bytes(token.claims_cause) +
           heap_bytes(token.readable_tenants) + heap_bytes(who.provider) + heap_bytes(who.user) + heap_bytes(who.tenant) +
           heap_bytes(who.tenants) + heap_bytes(who.roles) + heap_bytes(who.scopes) + heap_bytes(who.claims);
}

const verification* token_table::find(std::string_view token) noexcept {
    if (entries_.empty()) {
        return nullptr;
    }
    const auto found = index_.find(name{keyed_hash(key_, token), token});
    if (found == index_.end()) {
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->outcome;
}

void token_table::insert(std::string_view token, verification outcome) {
    const std::uint64_t hash = keyed_hash(key_, token);
    if (const auto known = index_.find(name{hash, token}); known != index_.end()) {
        forget(known->second);
    }
    // The list's node, the index's node (a link, a name, an iterator, a hash), the token.
    constexpr std::size_t nodes = sizeof(entry) + 2 * sizeof(void*) + sizeof(name) + 3 * sizeof(void*) + 2 * block_cost;
    const std::size_t cost = nodes + token.size() + 1 + block_cost + (outcome ? footprint(**outcome) : heap_bytes(outcome.error().cause));
    // A table that has to grow doubles its buckets, about.
    while (!entries_.empty() && bytes() + cost > max_bytes_) {
        forget(std::prev(entries_.end()));
    }
    if (bytes() + cost > max_bytes_) {
        return;
    }
    entries_.push_front({std::string(token), std::move(outcome), hash, cost});
    const bool added = index_.emplace(name{hash, entries_.front().token}, entries_.begin()).second;
    invariant(added, "a token is in the table once");
    bytes_ += cost;
    while (bytes() > max_bytes_ && !entries_.empty()) {
        forget(std::prev(entries_.end())); // the index grew
    }
}

void token_table::forget(entry_list::iterator which) {
    invariant(which->bytes <= bytes_, "a table of tokens takes as many bytes as its entries");
    bytes_ -= which->bytes;
    const std::size_t erased = index_.erase(name{which->hash, which->token});
    invariant(erased == 1, "every remembered token is in the index"); // it would point to a token that is gone
    entries_.erase(which);
}

const verification* token_cache::find(std::string_view token) noexcept {
    if (const verification* const good = good_.find(token); good != nullptr) {
        return good;
    }
    return bad_.find(token);
}

void token_cache::insert(std::string_view token, const verification& outcome) {
    if (outcome) {
        good_.insert(token, outcome);
    } else if (outcome.error().why == reason::signature_invalid) {
        bad_.insert(token, outcome);
    }
}

} // namespace bearward::policies::tokens
