#include "config/compile.hpp"
#include "config/credential_places.hpp"
#include "config/fields.hpp"

#include "policies/jose/key_set.hpp"

#include <algorithm>
#include <array>
#include <expected>
#include <memory>
#include <variant>

namespace bearward::config {

namespace {

using policies::jose::algorithm;
using policies::jose::key_options;
using policies::jose::key_set;

bool is_fetched(const key_settings& keys) {
    return !keys.jwks_url.value.text.empty() || !keys.discovery_url.value.text.empty();
}

/// Whether the kind of key can verify the algorithms: a public key given to HMAC
/// would be a secret that everybody knows.
bool check_algorithms(reading& state, const jwt_settings& from) {
    bool good = true;
    for (const auto& each : from.algorithms) {
        const std::string name(policies::jose::to_string(each.value));
        const bool pem = !from.keys.pem_file.value.empty() || !from.keys.pem.value.empty();
        if (pem && policies::jose::is_hmac(each.value)) {
            state.error(each.at, name + " needs a secret; keys." + (from.keys.pem.value.empty() ? "pem_file" : "pem") +
                                     " holds public keys: all but HS are accepted with it");
            good = false;
        }
        if (is_fetched(from.keys) && policies::jose::is_hmac(each.value)) {
            state.error(each.at, name + " needs a secret, which is never fetched from a URL: use keys.secret");
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
    const std::array<std::pair<warning_code, const std::vector<std::string>*>, 3> told{{
        {warning_code::unusable_key, &made->warnings},
        {warning_code::private_key, &made->private_parts},
        {warning_code::weak_keys, &made->weak},
    }};
    for (const auto& [code, lines] : told) {
        for (const std::string& line : *lines) {
            state.warning(at, code, from + line);
        }
    }
    for (const std::string& line : made->notes) {
        state.note(at, from + line);
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

/// Whether a required claim says for which service a token is, as `aud` would.
bool names_this_api(const provider_settings& from) {
    constexpr std::array<std::string_view, 4> names{"client_id", "azp", "appid", "aud"};
    return std::ranges::any_of(from.required_claims, [&](const claim_settings& each) {
        return names_values(each) && std::ranges::any_of(names, [&](std::string_view name) { return each.path.is_claim(name); });
    });
}

key_set load_keys(reading& state, const jwt_settings& from) {
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
    } else if (!from.keys.jwks.value.empty()) {
        take_keys(state, from.keys.jwks.at, policies::jose::parse_jwk_set(from.keys.jwks.value, options), "", keys);
    } else if (!from.keys.pem.value.empty()) {
        take_keys(state, from.keys.pem.at, policies::jose::parse_pem_keys(from.keys.pem.value, options), "", keys);
    } else if (!from.keys.secret.value.value.empty()) {
        take_keys(state, from.keys.secret.at, policies::jose::make_secret_key_set(from.keys.secret.value.value, options), "", keys);
    }
    return keys;
}

policies::tokens::verification_rules compile_rules(const provider_settings& from, const limit_settings& limits) {
    policies::tokens::verification_rules rules;
    rules.provider = from.name;
    rules.issuers = from.issuers;
    rules.audiences = from.audiences;
    rules.clock_skew = from.clock_skew;
    rules.require_expiry = from.require_expiry;
    rules.require_user = from.require_user;
    rules.claims = from.claims;
    for (const claim_settings& each : from.required_claims) {
        rules.required_claims.push_back({each.path, each.present_only, each.values, each.pattern});
    }
    rules.max_token = limits.max_token;
    return rules;
}

/// What only tokens have that are verified with the issuer's keys.
void compile_jwt(reading& state, const place& at, const jwt_settings& from, policies::provider& made) {
    for (const auto& each : from.algorithms) {
        made.rules.algorithms.push_back(each.value);
    }
    made.rules.max_lifetime = from.max_lifetime;
    made.rules.types = from.types;
    made.rules.require_type = from.require_type;
    made.rules.dpop = from.dpop;
    made.token_cache_bytes = from.token_cache.max_bytes;
    const auto hmac = [](const auto& named) { return policies::jose::is_hmac(named.value); };
    if (std::ranges::any_of(from.algorithms, hmac) && !std::ranges::all_of(from.algorithms, hmac)) {
        state.warning(at, warning_code::mixed_algorithms,
                      "accepts HS algorithms beside others: two providers keep secrets and public keys apart");
    }
    made.how = compile_keys(state, from);
}

/// In another header there is no scheme that says DPoP (RFC 9449 section 7.1): no token would pass.
void check_dpop(reading& state, const provider_settings& from, policies::provider& made) {
    if (made.rules.dpop == policies::tokens::dpop_mode::off) {
        return;
    }
    made.names.dpop = true;
    if (!policies::requests::equal_names(from.header.value, "Authorization")) {
        state.error(from.header.at, "with dpop the token comes as `Authorization: DPoP`; another header can't carry it");
    }
}

} // namespace

policies::jwt_provider compile_keys(reading& state, const jwt_settings& from) {
    const bool fitting = check_algorithms(state, from);
    if (is_fetched(from.keys) && !state.offline()) {
        return {}; // its key source brings them
    }
    // Offline no key is there, but none is to be expected either: a set without keys, not a ring without a set.
    key_set keys = fitting && !state.offline() && !from.algorithms.empty() ? load_keys(state, from) : key_set{};
    return {std::make_shared<policies::tokens::key_ring>(std::move(keys))};
}

std::vector<policies::provider> compile_providers(reading& state, const settings& from) {
    std::vector<policies::provider> providers;
    for (const provider_settings& each : from.providers) {
        policies::provider made;
        made.rules = compile_rules(each, from.limits);
        made.names = names_of(each);
        if (const auto* const keys = std::get_if<api_keys_settings>(&each.type)) {
            compile_api_keys(state, *keys, made);
            providers.push_back(std::move(made));
            continue;
        }
        if (const auto* const certificates = std::get_if<certificate_provider_settings>(&each.type)) {
            made.rules.clock_skew = {}; // a certificate's end is compared with this clock alone
            made.how = policies::certificate_provider{certificates->match};
            providers.push_back(std::move(made));
            continue;
        }
        if (each.given != 0 && (each.given & provider_fields().bit("audiences")) == 0 && !names_this_api(each)) {
            state.warning(each.at, warning_code::no_audience,
                          "has no audiences: it accepts every token of its issuer, also those made for other services");
        }
        if (const auto* const asked = std::get_if<introspection_settings>(&each.type)) {
            compile_introspection(*asked, made);
        } else {
            compile_jwt(state, each.at, std::get<jwt_settings>(each.type), made);
            check_dpop(state, each, made);
        }
        providers.push_back(std::move(made));
    }
    return providers;
}

} // namespace bearward::config
