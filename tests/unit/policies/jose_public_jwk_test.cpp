// Keys of strangers are read strictly, where an issuer's are read kindly.
#include "jose_test_tokens.hpp"
#include "policies/jose/public_jwk.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace bearward::policies::jose {
namespace {

using testing::HasSubstr;
namespace json = boost::json;

json::object jwk_of(algorithm value) {
    return json::parse(test::shared_key(value).jwk(value, "")).as_object();
}

std::string verdict(const json::object& jwk, algorithm value) {
    const auto read = parse_public_jwk(jwk, value);
    return read ? "ok" : read.error();
}

TEST(public_jwk, verifies_with_its_one_algorithm) {
    for (const algorithm value : test::all_algorithms) {
        if (is_hmac(value)) {
            EXPECT_THAT(verdict(jwk_of(value), value), HasSubstr("it is a secret"));
            continue;
        }
        const auto read = parse_public_jwk(json::parse(test::shared_key(value).jwk(value, "")).as_object(), value);
        ASSERT_TRUE(read) << to_string(value) << read.error();
        EXPECT_TRUE(verify_signature(*read, value, "message", test::shared_key(value).sign(value, "message").value()));
    }
}

TEST(public_jwk, padding_and_odd_lengths_are_refused) {
    json::object ec = jwk_of(algorithm::es256);
    const std::string x(ec.at("x").as_string());
    for (const std::string& other :
         {x + "=", encode_base64url('\0' + *decode_base64url(x)), encode_base64url(decode_base64url(x)->substr(1)), std::string()}) {
        ec["x"] = other;
        EXPECT_THAT(verdict(ec, algorithm::es256), HasSubstr("strict base64url and of exact length")) << other;
    }
    json::object rsa = jwk_of(algorithm::rs256);
    rsa["e"] = encode_base64url(std::string("\0\1\0\1", 4));
    EXPECT_THAT(verdict(rsa, algorithm::rs256), HasSubstr("exact length"));
    json::object ed = jwk_of(algorithm::eddsa);
    ed["x"] = std::string(ed.at("x").as_string()) + "=";
    EXPECT_THAT(verdict(ed, algorithm::eddsa), HasSubstr("strict base64url"));
}

TEST(public_jwk, weak_keys_and_points_off_the_curve_are_refused) {
    json::object rsa = jwk_of(algorithm::rs256);
    rsa["n"] = encode_base64url("\xC1" + std::string(126, 'x') + "\1");
    rsa.erase("alg");
    EXPECT_THAT(verdict(rsa, algorithm::rs256), HasSubstr("1024 bits"));
    json::object ec = jwk_of(algorithm::es256);
    ec["y"] = ec.at("x");
    EXPECT_THAT(verdict(ec, algorithm::es256), HasSubstr("not lie on the curve"));
}

TEST(public_jwk, its_own_words_must_agree) {
    json::object ec = jwk_of(algorithm::es256);
    ec["alg"] = "ES384";
    EXPECT_NE(verdict(ec, algorithm::es256), "ok");
    ec = jwk_of(algorithm::es256);
    ec["key_ops"] = json::array{"encrypt"};
    EXPECT_NE(verdict(ec, algorithm::es256), "ok");
    EXPECT_NE(verdict(jwk_of(algorithm::es256), algorithm::es384), "ok");
    EXPECT_NE(verdict(jwk_of(algorithm::es256), algorithm::rs256), "ok");
}

} // namespace
} // namespace bearward::policies::jose
