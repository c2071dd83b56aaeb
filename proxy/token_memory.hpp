// What a worker remembers of verified tokens: a cache for each provider of the
// present rules, and of its present keys. Requests that began with other rules are
// verified anew.
#pragma once

#include "policies/outside.hpp"
#include "policies/tokens/token_cache.hpp"
#include "proxy/serving.hpp"

#include <optional>
#include <vector>

namespace bearward::proxy {

/// Belongs to one worker's thread.
class token_memory final : public policies::outside {
public:
    /// `worker`: its place among the workers. The memory of a provider is divided
    /// among them. `key`: 128 random bits.
    token_memory(serving_ptr rules, std::size_t worker, const policies::tokens::hash_key& key);

    /// Forgets everything: what was verified under other rules means nothing under these.
    void replace_rules(serving_ptr rules);
    /// The time of the decisions that follow.
    using outside::set_now;

    /// Forgets what the provider's former keys verified, and nothing of the others, when
    /// its ring has new ones.
    [[nodiscard]] policies::verification verify(const policies::provider& by, std::string_view token) override;

private:
    struct of_provider {
        const policies::provider* by;
        std::size_t cache_bytes; ///< 0: off
        token_cache_counters* counts;
        policies::tokens::key_ring::edition keys{};
        std::optional<policies::tokens::token_cache> cache{}; ///< of these keys; nothing: off
    };

    [[nodiscard]] of_provider* find(const policies::provider& by) noexcept;
    void take_keys(of_provider& known) const;

    serving_ptr rules_; ///< keeps the providers that are told apart by address
    std::size_t worker_;
    policies::tokens::hash_key key_;
    std::vector<of_provider> providers_;
};

} // namespace bearward::proxy
