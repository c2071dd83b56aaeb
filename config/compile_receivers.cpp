// Where issuers tell of what counts no longer, as it serves.
#include "config/compile.hpp"
#include "config/encoding.hpp"
#include "policies/ascii.hpp"
#include "policies/jose/availability.hpp"
#include "policies/jose/sha256.hpp"
#include "policies/requests/target.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

namespace bearward::config {
namespace {

using policies::revocation_receiver;

/// RFC 3986 section 2.1: nothing in a name can mean something in a path.
std::string encode_segment(std::string_view name) {
    std::string made;
    for (const char byte : name) {
        if (policies::is_base64url(byte) || byte == '.' || byte == '~') {
            made += byte;
        } else {
            made += '%';
            policies::append_hex(made, byte, policies::upper_hex);
        }
    }
    return made;
}

/// Gives the setting its default. False: it complained.
bool fill_path(reading& state, const std::string& before, const std::string& provider, located_text& path, const place& at) {
    if (!path.value.empty()) {
        return true;
    }
    const std::string usual = before + encode_segment(provider);
    policies::requests::path_scratch memory;
    const auto canonical = policies::requests::parse_path(usual, {}, memory);
    if (!canonical || canonical->path != usual) {
        state.error(at, "needs `path`: the provider's name " + quote(provider) + " can't stand in one");
        return false;
    }
    path = {usual, at};
    return true;
}

/// What is forgotten before the tokens that it is about have expired lets them in again.
void check_hold(reading& state, const place& at, const provider_settings& from, milliseconds hold) {
    const auto* const jwt = std::get_if<jwt_settings>(&from.type);
    if (jwt == nullptr || (jwt->max_lifetime && hold >= *jwt->max_lifetime)) {
        return; // an issuer that is asked about tokens says itself that they count no longer
    }
    state.warning(at, warning_code::revocation_forgets,
                  jwt->max_lifetime ? "holds shorter than max_lifetime: a token that lives longer counts again afterwards"
                                    : "nothing bounds how long tokens live: with max_lifetime, at most hold, none counts again afterwards");
}

void check_redis(reading& state, const place& at, const revocation_settings& from) {
    if (!from.redis) {
        state.warning(at, warning_code::revocation_local,
                      "is known to this process alone, until it ends: other replicas, and the next start, know nothing of it; with "
                      "redis they do");
    }
}

/// Of the provider, for what its issuer signs besides tokens.
policies::provider make_signer(const policies::provider& of, std::vector<std::string> audiences) {
    policies::provider made;
    made.rules.provider = of.rules.provider;
    made.rules.issuers = of.rules.issuers;
    made.rules.algorithms = of.rules.algorithms;
    made.rules.clock_skew = of.rules.clock_skew;
    made.rules.audiences = std::move(audiences);
    made.how = of.how; // the same ring: its keys change with the provider's
    return made;
}

void compile_logout(reading& state, provider_settings& from, const policies::provider& of, std::vector<revocation_receiver>& into) {
    auto& logout = *from.revocation->logout;
    if (!std::holds_alternative<policies::jwt_provider>(of.how)) {
        state.error(logout.at, "needs the issuer's keys, and a provider of type introspection has none");
        return;
    }
    if (!fill_path(state, "/.bearward/logout/", from.name, logout.path, logout.at)) {
        return;
    }
    check_hold(state, logout.at, from, logout.hold);
    check_redis(state, logout.at, *from.revocation);
    into.push_back({.takes = revocation_receiver::kind::logout,
                    .path = logout.path.value,
                    .signer = make_signer(of, {logout.audience}),
                    .issuers = of.rules.issuers,
                    .hold = logout.hold});
}

/// Of no text where there is no value (offline, or it was complained of) or no hash of it: nobody may send then.
policies::jose::sha256_digest digest_of(reading& state, const located<secret_settings>& authorization) {
    const std::string& value = authorization.value.value;
    const auto printable = [](char byte) { return byte >= 0x20 && byte < 0x7F; };
    if (value.empty()) {
        return {};
    }
    if (value.front() == ' ' || value.back() == ' ' || !std::ranges::all_of(value, printable)) {
        state.error(authorization.at, "expected the whole value of Authorization, such as Bearer and a secret: printable ASCII");
    }
    return policies::jose::sha256(value).value_or(policies::jose::sha256_digest{});
}

void compile_events(reading& state, provider_settings& from, const policies::provider& of, std::vector<revocation_receiver>& into) {
    auto& events = *from.revocation->events;
    if (!events.keys && !std::holds_alternative<policies::jwt_provider>(of.how)) {
        state.error(events.at, "needs `keys`: a provider of type introspection has none");
        return;
    }
    if (!fill_path(state, "/.bearward/events/", from.name, events.path, events.at)) {
        return;
    }
    check_hold(state, events.at, from, events.hold);
    if (!from.revocation->logout) { // said once
        check_redis(state, events.at, *from.revocation);
    }
    revocation_receiver made{.takes = revocation_receiver::kind::events,
                             .path = events.path.value,
                             .signer = make_signer(of, events.audiences),
                             .issuers = of.rules.issuers,
                             .hold = events.hold};
    if (!events.issuers.empty()) {
        made.signer.rules.issuers = events.issuers;
    }
    if (events.keys) {
        const provider_settings teller = teller_of(from);
        const auto& jwt = std::get<jwt_settings>(teller.type);
        made.signer.how = compile_keys(state, jwt);
        made.signer.rules.algorithms.clear();
        for (const auto& each : jwt.algorithms) {
            made.signer.rules.algorithms.push_back(each.value);
        }
    }
    if (events.authorization.value.given) {
        made.authorization = digest_of(state, events.authorization);
    }
    into.push_back(std::move(made));
}

/// Each public key fixes its own; a secret has the provider's, or the usual one.
std::vector<located<policies::jose::algorithm>> algorithms_of(const provider_settings& from, const key_settings& keys) {
    std::vector<located<policies::jose::algorithm>> made;
    if (!keys.secret.value.given) {
        for (const policies::jose::algorithm_row& each : policies::jose::algorithm_table) {
            if (!policies::jose::is_hmac(each.value) && policies::jose::is_available(each.value)) {
                made.push_back({each.value, keys.at});
            }
        }
        return made;
    }
    if (const auto* const own = std::get_if<jwt_settings>(&from.type)) {
        std::ranges::copy_if(own->algorithms, std::back_inserter(made),
                             [](const auto& each) { return policies::jose::is_hmac(each.value); });
    }
    if (made.empty()) {
        made.push_back({policies::jose::algorithm::hs256, keys.at});
    }
    return made;
}

/// The one of a socket that gets a fresh token.
constexpr std::string_view renewal_path = "/.bearward/renew";

void check_paths(reading& state, const settings& from) {
    std::vector<const located_text*> seen;
    const auto check = [&](const located_text& path) {
        const auto same = [&](const located_text* each) { return each->value == path.value; };
        if (path.value == renewal_path) {
            state.error(path.at, path.value + " is where open WebSockets get fresh tokens; take another path");
        } else if (const auto before = std::ranges::find_if(seen, same); before != seen.end() && !path.value.empty()) {
            state.error(path.at, path.value + " is the path of " + (*before)->at.path + " already");
        }
        for (const route_settings& route : from.routes) {
            if (!path.value.empty() && route.exact.text == path.value) {
                state.error(route.exact.at, "can never match: " + path.at.path + " takes what an issuer sends there; take another path");
            }
        }
        seen.push_back(&path);
    };
    for (const provider_settings& each : from.providers) {
        if (each.revocation && each.revocation->logout) {
            check(each.revocation->logout->path);
        }
        if (each.revocation && each.revocation->events) {
            check(each.revocation->events->path);
        }
    }
}

} // namespace

provider_settings teller_of(const provider_settings& from) {
    const auto& events = *from.revocation->events;
    provider_settings made;
    made.name = from.name;
    made.issuers = events.issuers.empty() ? from.issuers : events.issuers;
    jwt_settings jwt;
    jwt.keys = *events.keys;
    if (const auto* const own = std::get_if<jwt_settings>(&from.type)) {
        jwt.fetch = own->fetch;
        jwt.fetch.cache_file = {};    // of the other set
        jwt.fetch.authorization = {}; // for the other server
        jwt.allow_weak_keys = own->allow_weak_keys;
    }
    jwt.algorithms = algorithms_of(from, *events.keys);
    made.type = std::move(jwt);
    return made;
}

std::vector<policies::revocation_receiver> compile_receivers(reading& state, settings& from,
                                                             const std::vector<policies::provider>& providers) {
    std::vector<revocation_receiver> made;
    for (std::size_t index = 0; index < providers.size(); ++index) {
        provider_settings& each = from.providers[index];
        if (each.revocation && each.revocation->logout) {
            compile_logout(state, each, providers[index], made);
        }
        if (each.revocation && each.revocation->events) {
            compile_events(state, each, providers[index], made);
        }
    }
    check_paths(state, from);
    return made;
}

} // namespace bearward::config
