// What a worker remembers of verified tokens: a cache for each provider of the
// present rules. Requests that began with other rules are verified anew.
#pragma once

#include "policies/decide.hpp"
#include "policies/tokens/token_cache.hpp"
#include "proxy/serving.hpp"

#include <optional>
#include <vector>

namespace bearward::proxy {

/// Belongs to one worker's thread.
class token_memory final : public policies::token_source {
public:
    /// `worker`: its place among the workers. The memory of a provider is divided
    /// among them. `key`: 128 random bits.
    token_memory(serving_ptr rules, std::size_t worker, const policies::tokens::hash_key& key);

    /// Forgets everything: what was verified under other rules or keys means nothing under these.
    void replace_rules(serving_ptr rules);

    [[nodiscard]] std::expected<policies::tokens::verified_token_ptr, policies::refusal> verify(const policies::provider& by,
                                                                                                std::string_view token) override;

private:
    struct of_provider {
        const policies::provider* by;
        std::optional<policies::tokens::token_cache> cache; ///< nothing: off
        token_cache_counters* counts;
    };

    [[nodiscard]] of_provider* find(const policies::provider& by) noexcept;

    serving_ptr rules_; ///< keeps the providers that are told apart by address
    std::size_t worker_;
    policies::tokens::hash_key key_;
    std::vector<of_provider> providers_;
};

} // namespace bearward::proxy
