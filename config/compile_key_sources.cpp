#include "config/compile.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

namespace bearward::config {
namespace {

/// What the document is to say where the provider names no issuer: the URL is its own, less
/// the well-known part (OpenID Connect Discovery 1.0 section 4.1).
std::vector<policies::tokens::issuer_pattern> issuers_of(const url& document) {
    constexpr std::string_view known = "/.well-known/openid-configuration";
    if (!document.text.ends_with(known)) {
        return {};
    }
    const std::string issuer = document.text.substr(0, document.text.size() - known.size());
    return {issuer, issuer + '/'};
}

bool is_fetched(const key_settings& keys) {
    return !keys.jwks_url.value.text.empty() || !keys.discovery_url.value.text.empty();
}

void check_authorization(reading& state, const jwt_settings& from, const url& where) {
    if (from.fetch.authorization.value.given && is_insecure(where)) {
        state.error(from.fetch.authorization.at, "would be sent in the clear to " + where.server.host + "; use an https:// URL");
    }
}

key_source_settings compile_key_source(reading& state, const provider_settings& from, const jwt_settings& jwt) {
    key_source_settings made;
    made.provider = from.name;
    made.discovery = !jwt.keys.discovery_url.value.text.empty();
    const auto& where = made.discovery ? jwt.keys.discovery_url : jwt.keys.jwks_url;
    made.from = where.value;
    if (made.discovery) {
        made.issuers = from.issuers.empty() ? issuers_of(made.from) : from.issuers;
        if (made.issuers.empty()) {
            state.error(where.at, "needs `issuer` beside it: the document's own must be equal to it");
        }
    }
    for (const auto& each : jwt.algorithms) {
        made.algorithms.push_back(each.value);
    }
    made.allow_weak_keys = jwt.allow_weak_keys;
    made.how = jwt.fetch;
    made.how.given = 0; // a default that is written out is the same
    check_authorization(state, jwt, made.from);
    return made;
}

/// Each would find the other's set in its file, and take none.
void check_cache_files(reading& state, const std::vector<key_source_settings>& all) {
    for (auto each = all.begin(); each != all.end(); ++each) {
        const auto& file = each->how.cache_file;
        const auto same = std::find_if(all.begin(), each, [&](const auto& other) { return other.how.cache_file.value == file.value; });
        if (!file.value.empty() && same != each) {
            state.error(file.at, "is the file of provider " + same->provider + " already; each keeps its own");
        }
    }
}

} // namespace

std::vector<key_source_settings> compile_key_sources(reading& state, const settings& from) {
    std::vector<key_source_settings> made;
    for (const provider_settings& each : from.providers) {
        if (each.revocation && each.revocation->events && each.revocation->events->keys) {
            const provider_settings teller = teller_of(each);
            const auto& jwt = std::get<jwt_settings>(teller.type);
            if (is_fetched(jwt.keys)) {
                made.push_back(compile_key_source(state, teller, jwt));
                made.back().of_events = true;
            }
        }
        const auto* const jwt = std::get_if<jwt_settings>(&each.type);
        if (jwt == nullptr) {
            continue;
        }
        if (is_fetched(jwt->keys)) {
            made.push_back(compile_key_source(state, each, *jwt));
        } else if (jwt->fetch.given != 0) {
            state.error(jwt->fetch.at, "means nothing here: keys are fetched only with keys.jwks_url or keys.discovery_url");
        }
    }
    check_cache_files(state, made);
    return made;
}

} // namespace bearward::config
