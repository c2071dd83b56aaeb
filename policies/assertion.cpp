#include "policies/assertion.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/jose/thumbprint.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <optional>
#include <utility>

namespace bearward::policies {
namespace {

namespace json = boost::json;
using jose::algorithm;

/// In the order in which they are tried; each kind of key signs with one of them alone.
constexpr std::array candidates{algorithm::es256, algorithm::es384, algorithm::es512, algorithm::eddsa, algorithm::ed448, algorithm::rs256};

std::optional<algorithm> find_algorithm(const jose::signing_key& key) {
    for (const algorithm each : candidates) {
        if (key.sign(each, "probe")) {
            return each;
        }
    }
    return std::nullopt;
}

} // namespace

std::expected<assertion_rules, std::string> make_assertion_rules(std::string_view private_pem) {
    auto key = jose::signing_key::parse_pem(private_pem);
    if (!key) {
        return std::unexpected(std::move(key).error());
    }
    const auto alg = find_algorithm(*key);
    if (!alg) {
        return std::unexpected("no signature algorithm fits this key: RSA, P-256, P-384, P-521, Ed25519 and Ed448 are accepted");
    }
    // Apps verify with it: what we would refuse of others we don't ask them to trust.
    if (const auto usable = jose::parse_pem_keys(key->public_pem(), {.algorithms = std::span(&*alg, 1)}); !usable) {
        return std::unexpected(usable.error());
    }
    const auto id = jose::jwk_thumbprint(json::parse(key->jwk(*alg, "")).as_object());
    if (!id) {
        return std::unexpected(std::string("the key has no thumbprint"));
    }
    const json::object header{{"alg", std::string(to_string(*alg))}, {"typ", "JWT"}, {"kid", *id}};
    std::string public_jwk = key->jwk(*alg, *id);
    return assertion_rules{.key = *std::move(key),
                           .alg = *alg,
                           .protected_header = jose::encode_base64url(json::serialize(header)),
                           .public_jwk = std::move(public_jwk)};
}

std::string make_assertion(const assertion_rules& rules, const asserted_request& about, time_point now, std::string_view id) {
    const auto issued = std::chrono::floor<std::chrono::seconds>(now);
    json::object claims{{"iss", rules.issuer},
                        {"aud", about.audience},
                        {"iat", issued.time_since_epoch().count()},
                        {"exp", (issued + rules.lifetime).time_since_epoch().count()},
                        {"jti", id},
                        {"method", about.method},
                        {"path", about.path},
                        {"roles", json::array(about.who.roles.begin(), about.who.roles.end())}};
    if (!about.who.user.empty()) {
        claims["sub"] = about.who.user;
    }
    if (!about.who.tenant.empty()) {
        claims["tid"] = about.who.tenant;
    }
    std::string token = rules.protected_header + '.' + jose::encode_base64url(json::serialize(claims));
    const auto signature = rules.key.sign(rules.alg, token);
    return signature ? token + '.' + jose::encode_base64url(*signature) : std::string();
}

} // namespace bearward::policies
