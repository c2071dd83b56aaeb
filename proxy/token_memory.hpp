// What a worker remembers of verified tokens: a cache for each provider of the
// present rules, and of its present keys. Requests that began with other rules are
// verified anew.
#pragma once

#include "policies/outside.hpp"
#include "policies/rules/rate_table.hpp"
#include "policies/tokens/token_cache.hpp"
#include "proxy/serving.hpp"

#include <optional>
#include <vector>

namespace bearward::proxy {

/// Belongs to one worker's thread.
class token_memory final : public policies::outside {
public:
    /// `worker`: its place among the workers. The memory of a provider is divided
    /// among them. `key`: 128 random bits. `proofs` and `rates` are shared by all workers and outlive this;
    /// `rates` null: no limit counts.
    token_memory(serving_ptr rules, std::size_t worker, const policies::tokens::hash_key& key, policies::tokens::proof_memory& proofs,
                 policies::rules::rate_table* rates = nullptr);

    /// Forgets everything: what was verified under other rules means nothing under these.
    void replace_rules(serving_ptr rules);
    /// The time of the decisions that follow.
    using outside::set_now;

    [[nodiscard]] policies::rules::rate_outcome take_rate(const policies::rules::rate_limit& of, std::string_view key,
                                                          bool counts) override;
    /// Forgets what the provider's former keys verified, and nothing of the others, when
    /// its ring has new ones.
    [[nodiscard]] policies::verification verify(const policies::provider& by, std::string_view token) override;
    [[nodiscard]] policies::verification verify_after_need(const policies::provider& by, std::string_view token) override;
    /// The provider's file, then what was said elsewhere.
    [[nodiscard]] policies::tokens::verified_token_ptr identify(const policies::provider& by,
                                                                const policies::requests::client_certificate* shown) override;
    [[nodiscard]] std::optional<policies::refusal> find_revocation(const policies::provider& by,
                                                                   const policies::tokens::verified_token& token) const override;
    [[nodiscard]] policies::tokens::proof_use use_proof(std::string_view key, std::string_view id, policies::time_point until) override;

private:
    struct of_provider {
        const policies::provider* by;
        std::size_t cache_bytes; ///< 0: off
        token_cache_counters* counts;
        policies::tokens::key_ring::edition keys{};
        /// Of these keys; of a provider of certificates by their hashes. Nothing: off.
        std::optional<policies::tokens::token_cache> cache{};
        /// What the provider's endpoint said, as far as this worker looked it up; nothing: off.
        std::optional<policies::tokens::introspection_table> answers{};
    };

    [[nodiscard]] of_provider* find(const policies::provider& by) noexcept;
    void take_keys(of_provider& known) const;
    [[nodiscard]] policies::verification recall(const policies::provider& by, const policies::introspection_provider& asked,
                                                std::string_view token);

    serving_ptr rules_; ///< keeps the providers that are told apart by address
    std::size_t worker_;
    policies::tokens::hash_key key_;
    policies::tokens::proof_memory& proofs_;
    policies::rules::rate_table* rates_;
    std::vector<of_provider> providers_;
};

} // namespace bearward::proxy
