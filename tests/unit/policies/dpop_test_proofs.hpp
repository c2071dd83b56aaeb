// Makes DPoP proofs, sound and otherwise.
#pragma once

#include "jose_test_tokens.hpp"
#include "policies/jose/sha256.hpp"
#include "policies/jose/thumbprint.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <string_view>

namespace bearward::policies::tokens::test {

namespace json = boost::json;

/// One client's key; the proof that it makes is changed member by member. A null takes a member away.
struct proof_maker {
    explicit proof_maker(jose::algorithm value = jose::algorithm::es256) : alg(value), key(jose::test::shared_key(value)) {
        json::object jwk = json::parse(key.jwk(alg, "")).as_object();
        for (const char* name : {"kid", "alg", "use"}) {
            jwk.erase(name);
        }
        thumbprint = jose::jwk_thumbprint(jwk).value();
        header = {{"typ", "dpop+jwt"}, {"alg", to_string(alg)}, {"jwk", std::move(jwk)}};
        claims = {{"jti", "p-1"}, {"htm", "GET"}, {"htu", "https://api.example.com/x"}, {"iat", 1'800'000'000}};
    }

    /// For this access token.
    [[nodiscard]] std::string make(std::string_view token, const json::object& more_header = {},
                                   const json::object& more_claims = {}) const {
        json::object with_hash = claims;
        with_hash["ath"] = jose::encode_base64url(jose::sha256_text(token));
        return jose::test::mint(key, alg, json::serialize(changed(header, more_header)), json::serialize(changed(with_hash, more_claims)));
    }

    jose::algorithm alg;
    const jose::signing_key& key;
    std::string thumbprint;
    json::object header;
    json::object claims;

private:
    static json::object changed(json::object of, const json::object& by) {
        for (const json::key_value_pair& each : by) {
            if (each.value().is_null()) {
                of.erase(each.key());
            } else {
                of[each.key()] = each.value();
            }
        }
        return of;
    }
};

} // namespace bearward::policies::tokens::test
