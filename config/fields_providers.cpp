#include "config/allow_warnings.hpp"
#include "config/fields.hpp"
#include "config/values.hpp"

namespace bearward::config {

namespace {

using namespace std::chrono_literals;
using policies::jose::algorithm;

constexpr auto ten_years = 87'600h;

codec<algorithm> algorithm_word() {
    codec<algorithm> made = word(policies::jose::algorithm_table, {"Ed448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"});
    made.form.expected = "a signature algorithm such as RS256, ES256, EdDSA or HS256";
    made.read = [read = made.read](reading& state, const cursor& at, algorithm& out) {
        if (at.value.type == node::kind::scalar && at.value.text == "none") {
            return state.error(at, "'none' is never accepted: anybody could make such tokens");
        }
        return read(state, at, out);
    };
    return made;
}

codec<policies::tokens::issuer_pattern> one_issuer() {
    return parsed<policies::tokens::issuer_pattern>(
        "an issuer", [](std::string_view written) { return policies::tokens::issuer_pattern::parse(written); },
        [](const policies::tokens::issuer_pattern& value) -> boost::json::value { return boost::json::value(value.text()); });
}

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
            .not_yet({"jwks_url", "discovery_url"})
            .one_of({"jwks_file", "pem_file", "jwks", "pem", "secret"});
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

const section<revocation_settings>& revocation_fields() {
    static const section<revocation_settings> declared =
        section<revocation_settings>("revocation")
            .field("file", &revocation_settings::file, absent_if_empty(placed(file_path())),
                   "Lines `jti:ID`, `sid:ID`, `user:ID` and `tenant:ID`, each maybe followed by `until:2027-01-01T00:00:00Z`; IDs are "
                   "percent-decoded; "
                   "`#` at the start of a line or after white space starts a comment. Read again when it changes.",
                   presence::required)
            .not_yet({"redis"});
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

/// The tag of a provider's settings: each has an alternative of its own.
codec<std::variant<jwt_settings>> provider_type() {
    using settings_of_type = std::variant<jwt_settings>;
    return converted<settings_of_type, std::string>(
        word<std::string>({{"jwt", "jwt"}}, {"introspection", "api_keys"}),
        [](const std::string&) { return settings_of_type(jwt_settings{}); }, [](const settings_of_type&) { return std::string("jwt"); });
}

/// Text in which who writes `*` means a pattern; as a literal it would never be equal.
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
            .field("type", &owner::type, provider_type(), "jwt: tokens that are verified with the issuer's keys.")
            .deciding()
            .field("issuer", &owner::issuers, absent_if_empty(issuers()),
                   "`iss` must equal it, or one of a list: several names of one issuer. `{NAME}` in it stands for the value of that claim.")
            .field(
                "audiences", &owner::audiences,
                absent_if_empty(list(text_without_stars("an audience", "write each audience, as `aud` has it, or leave the list out"), 1)),
                "`aud` must hold one of them; without it check warns.")
            .field_of("algorithms", &owner::type, &jwt_settings::algorithms, list(placed(algorithm_word()), 1), "The accepted `alg`.",
                      presence::required)
            .field_of("keys", &owner::type, &jwt_settings::keys, nested("keys", &key_fields),
                      "What verifies the tokens; exactly one of them.", presence::required)
            .field("header", &owner::header, placed(header_name()), "Where the token is. Another name than Authorization carries it raw.")
            .field("query_parameter", &owner::query_parameter, query_parameter_name(), "Where a token in the query is.")
            .field("clock_skew", &owner::clock_skew, duration(0ms, 1h), "How far clocks may differ.")
            .field("require_expiry", &owner::require_expiry, boolean(), "Tokens without `exp` are refused.")
            .field("require_user", &owner::require_user, boolean(), "Tokens without a user are refused (claim_missing).")
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
            .field("required_claims", &owner::required_claims, absent_if_empty(claim_requirements(false)),
                   "Path -> value, list of values, {present: true} or {matches: \"*@example.com\"}.")
            .field("revocation", &owner::revocation, maybe(nested("revocation", &revocation_fields)), "Credentials that count no longer.")
            .field_of("token_cache", &owner::type, &jwt_settings::token_cache, nested("token_cache", &token_cache_fields),
                      "Verified tokens are remembered; dates, binding and requirements are judged on every request.")
            .field("allow_warnings", &owner::allow_warnings, allowed_warnings(of_provider),
                   "Codes of warnings about this provider that are meant so: they become notes.")
            .not_yet({"jwks", "dpop", "url", "client_id", "client_secret", "client_authentication", "timeout", "cache"});
    return declared;
}

} // namespace bearward::config
