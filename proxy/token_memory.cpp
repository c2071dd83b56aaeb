#include "proxy/token_memory.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy {

using policies::provider;
using policies::refusal;
using policies::tokens::verified_token_ptr;

token_memory::token_memory(serving_ptr rules, std::size_t worker, const policies::tokens::hash_key& key) : worker_(worker), key_(key) {
    replace_rules(std::move(rules));
}

void token_memory::replace_rules(serving_ptr rules) {
    providers_.clear();
    rules_ = std::move(rules);
    const auto& all = rules_->rules().providers;
    providers_.reserve(all.size());
    for (std::size_t index = 0; index < all.size(); ++index) {
        auto& added = providers_.emplace_back(&all[index], std::nullopt, rules_->counters[worker_].token_caches[index]);
        if (const std::size_t share = all[index].token_cache_bytes / rules_->counters.size(); share != 0) {
            added.cache.emplace(share, key_);
        }
    }
}

token_memory::of_provider* token_memory::find(const provider& by) noexcept {
    const auto found = std::ranges::find(providers_, &by, &of_provider::by);
    return found == providers_.end() || !found->cache ? nullptr : &*found;
}

std::expected<verified_token_ptr, refusal> token_memory::verify(const provider& by, std::string_view token) {
    // A longer one is malformed: not worth a look, nor the memory.
    of_provider* const known = token.size() > by.rules.max_token ? nullptr : find(by);
    if (known == nullptr) {
        return policies::tokens::verify_token(by.rules, by.keys, token);
    }
    if (const auto* const remembered = known->cache->find(token); remembered != nullptr) {
        known->counts->looked_up(*remembered ? token_lookup::hit : token_lookup::negative_hit);
        return *remembered;
    }
    known->counts->looked_up(token_lookup::miss);
    auto outcome = policies::tokens::verify_token(by.rules, by.keys, token);
    known->cache->insert(token, outcome);
    return outcome;
}

} // namespace bearward::proxy
