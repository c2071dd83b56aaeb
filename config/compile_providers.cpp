#include "config/compile.hpp"
#include "config/fields.hpp"

#include "policies/jose/key_set.hpp"

#include <expected>

namespace bearward::config {

namespace {

using policies::jose::algorithm;
using policies::jose::key_options;
using policies::jose::key_set;

/// Whether the kind of key can verify the algorithms: a public key given to HMAC
/// would be a secret that everybody knows.
bool check_algorithms(reading& state, const provider_settings& from) {
    bool good = true;
    for (const auto& each : from.algorithms) {
        const std::string name(policies::jose::to_string(each.value));
        if (!from.keys.pem_file.value.empty() && policies::jose::is_hmac(each.value)) {
            state.error(each.at, name + " needs a secret; keys.pem_file holds public keys: RS, PS, ES and EdDSA are accepted with it");
            good = false;
        }
        if (from.keys.secret.value.given && !policies::jose::is_hmac(each.value)) {
            state.error(each.at, name + " needs a public key; keys.secret is for HS256, HS384 and HS512 only");
            good = false;
        }
    }
    return good;
}

void take_keys(reading& state, const place& at, std::expected<key_set, std::string>&& made, const std::string& from, key_set& out) {
    if (!made) {
        state.error(at, from + made.error());
        return;
    }
    for (const std::string& line : made->warnings) {
        state.warning(at, from + line);
    }
    out = std::move(*made);
}

template <class Parse>
void read_keys(reading& state, const located_text& file, const key_options& options, const Parse& parse, key_set& out) {
    auto content = state.read_file(file.value);
    if (!content) {
        state.error(file.at, "can't read " + file.value + ": " + content.error());
        return;
    }
    take_keys(state, file.at, parse(*content, options), file.value + ": ", out);
}

key_set load_keys(reading& state, const provider_settings& from) {
    std::vector<algorithm> accepted;
    accepted.reserve(from.algorithms.size());
    for (const auto& each : from.algorithms) {
        accepted.push_back(each.value);
    }
    key_options options;
    options.algorithms = accepted;
    options.allow_weak_keys = from.allow_weak_keys;
    key_set keys;
    if (!from.keys.jwks_file.value.empty()) {
        read_keys(state, from.keys.jwks_file, options, policies::jose::parse_jwk_set, keys);
    } else if (!from.keys.pem_file.value.empty()) {
        read_keys(state, from.keys.pem_file, options, policies::jose::parse_pem_keys, keys);
    } else if (!from.keys.secret.value.value.empty()) {
        take_keys(state, from.keys.secret.at, policies::jose::make_secret_key_set(from.keys.secret.value.value, options), "", keys);
    }
    return keys;
}

policies::tokens::verification_rules compile_rules(const provider_settings& from, const limit_settings& limits) {
    policies::tokens::verification_rules rules;
    rules.provider = from.name;
    if (!from.issuer.empty()) {
        rules.issuer = from.issuer;
    }
    rules.audiences = from.audiences;
    for (const auto& each : from.algorithms) {
        rules.algorithms.push_back(each.value);
    }
    rules.clock_skew = from.clock_skew;
    rules.require_expiry = from.require_expiry;
    rules.max_lifetime = from.max_lifetime;
    rules.types = from.types;
    rules.require_type = from.require_type;
    rules.claims = from.claims;
    for (const claim_settings& each : from.required_claims) {
        rules.required_claims.push_back({each.path, each.present_only, each.values});
    }
    rules.max_token = limits.max_token;
    return rules;
}

/// Revoked credentials must not come back because a file could not be read.
policies::tokens::revocation_list load_revocations(reading& state, const located_text& file) {
    auto content = state.read_large_file(file.value);
    if (!content) {
        state.error(file.at, "can't read " + file.value + ": " + content.error());
        return {};
    }
    auto list = policies::tokens::parse_revocation_list(*content);
    if (!list) {
        state.error(file.at, file.value + ':' + std::to_string(list.error().line) + ": " + list.error().what);
        return {};
    }
    return std::move(*list);
}

} // namespace

std::vector<policies::provider> compile_providers(reading& state, const settings& from) {
    std::vector<policies::provider> providers;
    for (const provider_settings& each : from.providers) {
        policies::provider made;
        made.rules = compile_rules(each, from.limits);
        made.names = {each.header.value, each.query_parameter};
        made.token_cache_bytes = each.token_cache.max_bytes;
        if (each.given != 0 && (each.given & provider_fields().bit("audiences")) == 0) {
            state.warning(each.at, "has no audiences: it accepts every token of its issuer, also those made for other services");
        }
        const bool fitting = check_algorithms(state, each);
        if (fitting && !state.offline() && !each.algorithms.empty()) {
            made.keys = load_keys(state, each);
        }
        if (each.revocation && !each.revocation->file.value.empty() && !state.offline()) {
            made.rules.revoked = load_revocations(state, each.revocation->file);
        }
        providers.push_back(std::move(made));
    }
    return providers;
}

} // namespace bearward::config
