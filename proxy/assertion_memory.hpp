// Assertions that a worker has signed and that are still fresh: a signature costs much
// more than a request.
#pragma once

#include "policies/assertion.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bearward::proxy {

/// Belongs to one worker's thread.
class assertion_memory {
public:
    /// So many are remembered at most, twice.
    static constexpr std::size_t generation_size = 2'048;

    /// One for this request: as signed before, while half of its lifetime is left. Empty: none can be made.
    /// `rules` live until clear().
    [[nodiscard]] std::string_view find_or_make(const policies::assertion_rules& rules, const policies::asserted_request& about,
                                                policies::time_point now);
    /// Remembered ones.
    [[nodiscard]] std::size_t size() const noexcept { return recent_.size() + older_.size(); }
    /// Forgets all: the rules have changed.
    void clear() noexcept;

private:
    struct entry {
        std::string token;
        policies::time_point fresh_until;
    };
    struct hash_of {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    using generation = std::unordered_map<std::string, entry, hash_of, std::equal_to<>>;

    void make_key(const policies::assertion_rules& rules, const policies::asserted_request& about);

    generation recent_;
    generation older_; ///< the ones before: what is found there is moved on
    std::string key_;
};

} // namespace bearward::proxy
