#include "proxy/token_memory.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy {

using policies::provider;
using policies::verification;

token_memory::token_memory(serving_ptr rules, std::size_t worker, const policies::tokens::hash_key& key)
    : outside({}), worker_(worker), key_(key) {
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

verification token_memory::verify(const provider& by, std::string_view token) {
    of_provider* const known = find(by);
    if (known == nullptr) {
        return verify_with(by, keys_of(by).current().keys.get(), token);
    }
    if (known->keys.epoch != keys_of(by).epoch()) {
        take_keys(*known);
    }
    // A longer one is malformed: not worth a look, nor the memory.
    if (!known->cache || token.size() > by.rules.max_token) {
        return verify_with(by, known->keys.keys.get(), token);
    }
    if (const auto* const remembered = known->cache->find(token); remembered != nullptr) {
        known->counts->looked_up(*remembered ? token_lookup::hit : token_lookup::negative_hit);
        return *remembered;
    }
    known->counts->looked_up(token_lookup::miss);
    auto outcome = policies::tokens::verify_token(by.rules, *known->keys.keys, token);
    known->cache->insert(token, outcome);
    return outcome;
}

} // namespace bearward::proxy
