#include "config/allow_warnings.hpp"
#include "config/fields.hpp"
#include "config/fields_api_keys.hpp"
#include "config/fields_certificates.hpp"
#include "config/fields_introspection.hpp"
#include "config/fields_keys.hpp"
#include "config/fields_revocation.hpp"
#include "config/values.hpp"

#include "policies/jose/availability.hpp"

namespace bearward::config {

namespace {

using namespace std::chrono_literals;
using policies::jose::algorithm;

constexpr auto ten_years = 87'600h;

codec<algorithm> algorithm_word() {
    codec<algorithm> made = word(policies::jose::algorithm_table);
    made.form.expected = "a signature algorithm such as RS256, ES256, EdDSA or HS256";
    made.read = [read = made.read](reading& state, const cursor& at, algorithm& out) {
        if (at.value.type == node::kind::scalar && at.value.text == "none") {
            return state.error(at, "'none' is never accepted: anybody could make such tokens");
        }
        if (!read(state, at, out)) {
            return false;
        }
        return policies::jose::is_available(out) || state.error(at, policies::jose::describe_lack(out));
    };
    return made;
}

codec<policies::tokens::issuer_pattern> one_issuer() {
    return parsed<policies::tokens::issuer_pattern>(
        "an issuer", [](std::string_view written) { return policies::tokens::issuer_pattern::parse(written); },
        [](const policies::tokens::issuer_pattern& value) -> boost::json::value { return boost::json::value(value.text()); });
}

} // namespace

codec<std::vector<policies::tokens::issuer_pattern>> issuers() {
    using patterns = std::vector<policies::tokens::issuer_pattern>;
    codec<policies::tokens::issuer_pattern> one = one_issuer();
    codec<patterns> single = converted<patterns, policies::tokens::issuer_pattern>(
        one, [](policies::tokens::issuer_pattern each) { return patterns{std::move(each)}; },
        [](const patterns& all) { return all.empty() ? policies::tokens::issuer_pattern() : all.front(); });
    codec<patterns> several = list(one, 1);
    auto show = [single, several](const patterns& all) { return all.size() == 1 ? single.show(all) : several.show(all); };
    return choice<patterns>({{is_scalar, single}, {is_list, several}}, show);
}

const section<key_settings>& key_fields() {
    static const section<key_settings> declared =
        section<key_settings>("keys")
            .field("jwks_file", &key_settings::jwks_file, absent_if_empty(placed(file_path())), "A JWK set (RFC 7517).")
            .field("pem_file", &key_settings::pem_file, absent_if_empty(placed(file_path())), "PEM public keys or certificates.")
            .field("jwks", &key_settings::jwks, absent_if_empty(placed(inline_jwk_set())), "A JWK set itself: a map, or JSON as text.")
            .field("pem", &key_settings::pem, absent_if_empty(placed(inline_pem())), "PEM public keys or certificates themselves.")
            .field("secret", &key_settings::secret, placed(secret()), "A shared secret, for HS256, HS384 and HS512 only.")
            .field("jwks_url", &key_settings::jwks_url, fetched_url(), "Where a JWK set is fetched from, off the path of requests.")
            .field("discovery_url", &key_settings::discovery_url, fetched_url(),
                   "The issuer's discovery document (OpenID Connect Discovery, RFC 8414): its issuer must be the provider's, and its "
                   "jwks_uri is where the JWK set is fetched from.")
            .one_of({"jwks_file", "jwks_url", "discovery_url", "jwks", "pem_file", "pem", "secret"});
    return declared;
}

namespace {

const section<fetch_settings>& fetch_fields() {
    using owner = fetch_settings;
    static const section<owner> declared =
        section<owner>("jwks")
            .field("refresh", &owner::refresh, duration(1s, 24h),
                   "How old keys are when they are fetched again; sooner where the answer's Cache-Control says so.")
            .field("min_refresh", &owner::min_refresh, duration(1s, 1h),
                   "Between two fetches, at least: neither tokens with unknown keys nor Cache-Control cause more.")
            .field("timeout", &owner::timeout, duration(100ms, 1min), "For a fetch as a whole; requests that need it wait as long.")
            .field("max_stale", &owner::max_stale, duration(1s, ten_years),
                   "When fetches fail, keys of the last one that did not count for so long.")
            .field("ca", &owner::ca, absent_if_empty(placed(file_path())),
                   "A PEM file: the authorities that the server's certificate is verified against. Default: the system's.")
            .field("cache_file", &owner::cache_file, absent_if_empty(placed(file_path())),
                   "Where the last good set is kept: a start while the issuer can't be reached serves with it.")
            .field("authorization", &owner::authorization, placed(secret()),
                   "Sent as a bearer token with each fetch; a file is read again each time.")
            .check([](reading& state, const cursor& at, owner& how) {
                if (how.min_refresh > how.refresh) {
                    return state.error(at, "min_refresh is longer than refresh; it is to be shorter");
                }
                return how.min_refresh <= how.max_stale ||
                       state.error(at, "max_stale is shorter than min_refresh: keys would stop to count before they may be fetched again");
            });
    return declared;
}

const section<policies::tokens::claim_mapping>& mapping_fields() {
    using policies::tokens::claim_mapping;
    static const section<claim_mapping> declared =
        section<claim_mapping>("claims")
            .field("user", &claim_mapping::user, claim_sources(),
                   "The user: text, or a whole number taken as text. Of several sources the first that is there and not empty counts.")
            .field("tenant", &claim_mapping::tenant, claim_sources(),
                   "The tenant, likewise. An array gives several: a requirement on `tenant` holds if one of them is equal, and that one is "
                   "forwarded; without one none is.")
            .field("roles", &claim_mapping::roles, claim_sources(),
                   "An array of names, or one text that is one role. Integers count as text. Several sources are united.")
            .field("scopes", &claim_mapping::scopes, claim_sources(),
                   "An array of names, or one text split at spaces and commas. Several sources are united.");
    return declared;
}

const section<token_cache_settings>& token_cache_fields() {
    constexpr std::size_t gibibyte = std::size_t{1} << 30;
    static const section<token_cache_settings> declared =
        section<token_cache_settings>("token_cache")
            .field("max_bytes", &token_cache_settings::max_bytes, size(0, gibibyte),
                   "For all workers together, divided evenly. 0: every token is verified anew.");
    return declared;
}

using settings_of_type = decltype(provider_settings::type);

settings_of_type make_settings(const std::string& tag) {
    if (tag == api_keys_settings::word) {
        return api_keys_settings{};
    }
    if (tag == certificate_provider_settings::word) {
        return certificate_provider_settings{};
    }
    return tag == introspection_settings::word ? settings_of_type(introspection_settings{}) : jwt_settings{};
}

/// The tag of a provider's settings: each has an alternative of its own.
codec<settings_of_type> provider_type() {
    return converted<settings_of_type, std::string>(
        word<std::string>({{"jwt", "jwt"}, {"introspection", "introspection"}, {"api_keys", "api_keys"}, {"certificate", "certificate"}}),
        make_settings, [](const settings_of_type& of) {
            return std::visit([]<class Alternative>(const Alternative&) { return std::string(Alternative::word); }, of);
        });
}

} // namespace

codec<std::string> text_without_stars(const std::string& expected, const std::string& instead) {
    return parsed<std::string>(
        expected,
        [instead](std::string_view written) -> std::expected<std::string, std::string> {
            if (written.contains('*')) {
                return std::unexpected("`*` stands for nothing here; " + instead);
            }
            return std::string(written);
        },
        [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

namespace {

codec<std::string> query_parameter_name() {
    return parsed<std::string>(
        "the name of a query parameter",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            const bool good =
                std::ranges::all_of(written, [](char letter) { return letter > 0x20 && letter < 0x7F && letter != '&' && letter != '='; });
            return good ? std::expected<std::string, std::string>(written) : std::unexpected("not a parameter's name");
        },
        [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

} // namespace

const section<provider_settings>& provider_fields() {
    using owner = provider_settings;
    static const section<owner> declared =
        section<owner>("provider")
            .field(
                "type", &owner::type, provider_type(),
                "jwt: tokens that are verified with the issuer's keys. introspection: tokens that the issuer is asked about (RFC 7662). "
                "api_keys: keys whose hashes stand here. certificate: the client's certificate, which the listener verified (client_ca).")
            .deciding()
            .field("issuer", &owner::issuers, absent_if_empty(issuers()),
                   "`iss` must equal it, or one of a list: several names of one issuer. `{NAME}` in it stands for the value of that claim.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field(
                "audiences", &owner::audiences,
                absent_if_empty(list(text_without_stars("an audience", "write each audience, as `aud` has it, or leave the list out"), 1)),
                "`aud` must hold one of them; without it check warns.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field_of("algorithms", &owner::type, &jwt_settings::algorithms, list(placed(algorithm_word()), 1),
                      "The accepted `alg`. EdDSA and Ed25519 are for Ed25519 keys. ML-DSA (RFC 9964) needs OpenSSL 3.5 or later, and is "
                      "experimental: on Debian 12 nothing runs it.",
                      presence::required)
            .field_of("keys", &owner::type, &jwt_settings::keys, nested("keys", &key_fields),
                      "What verifies the tokens, exactly one of them; of api_keys the keys themselves, by their hashes.",
                      presence::required)
            .instead<api_keys_settings>(&owner::type, &api_keys_settings::keys, api_keys())
            .field_of("jwks", &owner::type, &jwt_settings::fetch, nested("jwks", &fetch_fields), "How keys from URLs are fetched.")
            .field("header", &owner::header, placed(header_name()),
                   "Where the token is. Another name than Authorization carries it raw. Of api_keys X-API-Key by default.")
            .instead<api_keys_settings>(&owner::type, &api_keys_settings::header, placed(header_name()))
            .unless<certificate_provider_settings>(&owner::type)
            .field("query_parameter", &owner::query_parameter, query_parameter_name(), "Where a token in the query is.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field("cookie", &owner::cookie, absent_if_empty(cookie_name()),
                   "The cookie in which a token may be, for routes whose token_from has cookie. It is not forwarded.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field("clock_skew", &owner::clock_skew, duration(0ms, 1h), "How far clocks may differ.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field("require_expiry", &owner::require_expiry, boolean(), "Tokens without `exp` are refused.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .unless<introspection_settings>(&owner::type)
            .field("require_user", &owner::require_user, boolean(), "Tokens without a user are refused (claim_missing).")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field_of("max_lifetime", &owner::type, &jwt_settings::max_lifetime, maybe(duration(1s, ten_years)),
                      "exp - iat may not exceed it; needs `iat`.")
            .field_of("types", &owner::type, &jwt_settings::types,
                      list(text_without_stars("a type such as JWT", "write each type, as `typ` has it"), 1),
                      "Accepted `typ`, case-insensitive, `application/` ignored.")
            .field_of("require_type", &owner::type, &jwt_settings::require_type, boolean(), "Tokens without `typ` are refused.")
            .field_of("allow_weak_keys", &owner::type, &jwt_settings::allow_weak_keys, boolean(),
                      "Secrets shorter than the hash and RSA keys under 2048 bits are otherwise errors.")
            .field("claims", &owner::claims, nested("claims", &mapping_fields),
                   "Where the identity is read from. A claim of a form that its source can't read refuses the token where the source was "
                   "written; by default what it says is unknown.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field("required_claims", &owner::required_claims, absent_if_empty(claim_requirements(false)),
                   "Path -> value, list of values, {present: true} or {matches: \"*@example.com\"}.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field("revocation", &owner::revocation, maybe(nested("revocation", &revocation_fields)), "Credentials that count no longer.")
            .unless<api_keys_settings>(&owner::type)
            .unless<certificate_provider_settings>(&owner::type)
            .field_of("dpop", &owner::type, &jwt_settings::dpop, word(policies::tokens::dpop_mode_table),
                      "Tokens that are bound to a key (`cnf.jkt`) and come as `Authorization: DPoP` with a proof (RFC 9449). required: "
                      "others are refused.")
            .field_of("token_cache", &owner::type, &jwt_settings::token_cache, nested("token_cache", &token_cache_fields),
                      "Verified tokens are remembered; dates, binding and requirements are judged on every request.")
            .field("allow_warnings", &owner::allow_warnings, allowed_warnings(of_provider),
                   "Codes of warnings about this provider that are meant so: they become notes.")
            .field_of("url", &owner::type, &introspection_settings::endpoint, fetched_url(),
                      "Where the issuer is asked about a token. Whoever answers there says who comes in.", presence::required)
            .field_of("client_id", &owner::type, &introspection_settings::client_id, absent_if_empty(text("a client's ID")),
                      "As whom the issuer is asked.", presence::required)
            .field_of("client_secret", &owner::type, &introspection_settings::client_secret, placed(secret()), "That client's secret.",
                      presence::required)
            .field_of("client_authentication", &owner::type, &introspection_settings::authentication, client_authentication_word(),
                      "basic: in Authorization. post: in the body.")
            .field_of("timeout", &owner::type, &introspection_settings::timeout, duration(100ms, 1min),
                      "For a question as a whole; then the answer is 503.")
            .field_of("cache", &owner::type, &introspection_settings::cache, introspection_cache(), "What the issuer said is remembered.")
            .field_of("match", &owner::type, &certificate_provider_settings::match, certificate_matches(),
                      "Whose certificates count, by their names; the first entry that fits says who it is.", presence::required);
    return declared;
}

} // namespace bearward::config
