#include "proxy/token_memory.hpp"

#include "policies/tokens/shared_revocations.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy {

using policies::provider;
using policies::verification;

token_memory::token_memory(serving_ptr rules, std::size_t worker, const policies::tokens::hash_key& key,
                           policies::tokens::proof_memory& proofs, policies::rules::rate_table* rates)
    : outside({}), worker_(worker), key_(key), proofs_(proofs), rates_(rates) {
    replace_rules(std::move(rules));
}

void token_memory::replace_rules(serving_ptr rules) {
    providers_.clear();
    rules_ = std::move(rules);
    const auto& all = rules_->rules().providers;
    providers_.reserve(all.size());
    for (std::size_t index = 0; index < all.size(); ++index) {
        providers_.push_back({.by = &all[index],
                              .cache_bytes = all[index].token_cache_bytes / rules_->counters.size(),
                              .counts = rules_->counters[worker_].token_caches[index]});
        if (const auto* asked = std::get_if<policies::introspection_provider>(&all[index].how)) {
            // The other half is shared.
            providers_.back().answers.emplace(asked->answers->limits().max_bytes / 2 / rules_->counters.size(), key_);
        }
        if (takes_certificates(all[index])) {
            providers_.back().cache.emplace(providers_.back().cache_bytes, key_);
        }
    }
}

token_memory::of_provider* token_memory::find(const provider& by) noexcept {
    const auto found = std::ranges::find(providers_, &by, &of_provider::by);
    return found == providers_.end() ? nullptr : &*found;
}

void token_memory::take_keys(of_provider& known) const {
    known.keys = keys_of(*known.by).current();
    known.cache.reset();
    if (known.cache_bytes != 0 && known.keys.keys != nullptr) {
        known.cache.emplace(known.cache_bytes, key_);
    }
}

policies::rules::rate_outcome token_memory::take_rate(const policies::rules::rate_limit& of, std::string_view key, bool counts) {
    return rates_ == nullptr ? outside::take_rate(of, key, counts) : rates_->take(of, key, now(), counts);
}

policies::tokens::proof_use token_memory::use_proof(std::string_view key, std::string_view id, policies::time_point until) {
    return proofs_.use(key, id, until, now());
}

verification token_memory::verify(const provider& by, std::string_view token) {
    if (const auto* listed = std::get_if<policies::api_key_provider>(&by.how)) {
        return policies::tokens::verify_api_key(listed->keys, token); // as cheap as a look into a cache
    }
    if (const auto* asked = std::get_if<policies::introspection_provider>(&by.how)) {
        return recall(by, *asked, token);
    }
    of_provider* const known = find(by);
    if (known == nullptr) {
        const auto with = keys_of(by).current();
        return unless_outdated(by, verify_with(by, with.keys.get(), token), with.epoch, now());
    }
    if (known->keys.epoch != keys_of(by).epoch()) {
        take_keys(*known);
    }
    // A longer one is malformed: not worth a look, nor the memory.
    if (!known->cache || token.size() > by.rules.max_token) {
        return unless_outdated(by, verify_with(by, known->keys.keys.get(), token), known->keys.epoch, now());
    }
    if (const auto* const remembered = known->cache->find(token); remembered != nullptr) {
        known->counts->looked_up(*remembered ? token_lookup::hit : token_lookup::negative_hit);
        return *remembered ? verification(*remembered) : unless_outdated(by, verification(*remembered), known->keys.epoch, now());
    }
    known->counts->looked_up(token_lookup::miss);
    auto outcome = policies::tokens::verify_token(by.rules, *known->keys.keys, token);
    known->cache->insert(token, outcome);
    return unless_outdated(by, std::move(outcome), known->keys.epoch, now());
}

policies::tokens::verified_token_ptr token_memory::identify(const provider& by, const policies::requests::client_certificate* shown) {
    of_provider* const known = find(by);
    const std::string_view hash = shown == nullptr ? std::string_view{} : shown->sha256();
    if (hash.empty() || known == nullptr || !known->cache) {
        return outside::identify(by, shown);
    }
    if (const auto* const remembered = known->cache->find(hash); remembered != nullptr) {
        return **remembered; // only those that are somebody's
    }
    auto made = outside::identify(by, shown);
    if (made != nullptr) {
        known->cache->insert(hash, made);
    }
    return made;
}

std::optional<policies::refusal> token_memory::find_revocation(const provider& by, const policies::tokens::verified_token& token) const {
    auto found = outside::find_revocation(by, token);
    return found ? std::move(found) : policies::tokens::find_revocation(*by.revoked_elsewhere, by.rules.provider, token, now(), worker_);
}

verification token_memory::recall(const provider& by, const policies::introspection_provider& asked, std::string_view token) {
    of_provider* const known = find(by);
    if (token.size() > by.rules.max_token) {
        return verification_of(by, token, nullptr); // malformed
    }
    if (known == nullptr) {
        return verification_of(by, token, asked.answers->find(token, now()).get());
    }
    const auto* const own = known->answers->find(token);
    if (own != nullptr && (*own)->counts(now())) {
        known->counts->looked_up((*own)->outcome ? token_lookup::hit : token_lookup::negative_hit);
        return verification_of(by, token, own->get());
    }
    const auto shared = asked.answers->find(token, now());
    if (shared != nullptr) {
        known->counts->looked_up(shared->outcome ? token_lookup::hit : token_lookup::negative_hit);
        known->answers->insert(token, shared);
    } else {
        known->counts->looked_up(token_lookup::miss);
    }
    return verification_of(by, token, shared.get());
}

verification token_memory::verify_after_need(const provider& by, std::string_view token) {
    const auto* const asked = std::get_if<policies::introspection_provider>(&by.how);
    if (asked == nullptr) {
        return verify(by, token);
    }
    const auto answer = asked->answers->find_for_who_waited(token, now(), 2 * asked->timeout);
    return answer == nullptr ? recall(by, *asked, token) : verification_of(by, token, answer.get());
}

} // namespace bearward::proxy
