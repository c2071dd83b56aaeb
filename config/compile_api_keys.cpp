// API keys as they serve, and what is said twice about them.
#include "config/compile.hpp"
#include "config/credential_places.hpp"
#include "config/encoding.hpp"
#include "policies/requests/header_names.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace bearward::config {
namespace {

using policies::jose::sha256_digest;

policies::tokens::api_key compile_key(const api_key_settings& from, const std::string& provider) {
    auto means = std::make_shared<policies::tokens::verified_token>();
    means->who = {.provider = provider,
                  .user = from.user,
                  .tenant = from.tenant,
                  .roles = from.roles,
                  .scopes = from.scopes,
                  .claims = {},
                  .expires = from.expires};
    means->expires = from.expires;
    return {.id = from.id.value, .hash = *from.hash.value, .means = std::move(means)};
}

/// A key that both have; null: there is none.
const api_key_settings* shared_key(const api_keys_settings& left, const api_keys_settings& right) {
    const auto found = std::ranges::find_if(left.keys, [&](const api_key_settings& one) {
        return one.hash.value &&
               std::ranges::any_of(right.keys, [&](const api_key_settings& other) { return other.hash.value == one.hash.value; });
    });
    return found == left.keys.end() ? nullptr : &*found;
}

} // namespace

void compile_api_keys(reading& state, const api_keys_settings& from, policies::provider& made) {
    std::map<std::string, const api_key_settings*> ids;
    std::map<sha256_digest, const api_key_settings*> hashes;
    std::vector<policies::tokens::api_key> keys;
    for (const api_key_settings& each : from.keys) {
        if (const auto [first, fresh] = ids.emplace(each.id.value, &each); !fresh && !each.id.value.empty()) {
            state.error(each.id.at, "the key at " + to_string(first->second->at.where) + " has the id " + quote(each.id.value) + " too");
        }
        if (!each.hash.value) {
            continue;
        }
        if (const auto [first, fresh] = hashes.emplace(*each.hash.value, &each); !fresh) {
            state.error(each.hash.at, "the key at " + to_string(first->second->at.where) + " has the same hash: one key can't be two");
        }
        keys.push_back(compile_key(each, made.rules.provider));
    }
    made.rules.clock_skew = milliseconds(0); // a key's end is compared with this clock alone
    made.how = policies::api_key_provider{policies::tokens::api_key_list(std::move(keys))};
}

void check_api_keys(reading& state, const settings& from, const located_text& name, std::uint32_t index,
                    const std::vector<std::uint32_t>& before) {
    const provider_settings& added = from.providers[index];
    const auto* const keys = std::get_if<api_keys_settings>(&added.type);
    for (const std::uint32_t each : before) {
        const provider_settings& other = from.providers[each];
        const auto* const others = std::get_if<api_keys_settings>(&other.type);
        if (keys == nullptr && others == nullptr) {
            continue;
        }
        if (policies::requests::equal_folded_names(header_of(added).value, header_of(other).value)) {
            state.error(name.at, quote(other.name) + " has the header " + quote(header_of(other).value) +
                                     " too; what is sent in it couldn't tell which of them it is for");
        }
        if (const auto* const shared = keys != nullptr && others != nullptr ? shared_key(*others, *keys) : nullptr; shared != nullptr) {
            state.error(name.at, quote(other.name) + " has a key with the same hash, " + quote(shared->id.value) +
                                     ": one key can't be two on a route");
        }
    }
}

} // namespace bearward::config
