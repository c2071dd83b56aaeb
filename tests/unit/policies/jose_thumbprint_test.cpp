#include "policies/jose/thumbprint.hpp"

#include "policies/jose/algorithm.hpp"
#include "policies/jose/signature.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>

namespace bearward::policies::jose {
namespace {

std::optional<std::string> thumbprint_of(std::string_view jwk) {
    return jwk_thumbprint(boost::json::parse(jwk).as_object());
}

TEST(jwk_thumbprint, of_the_rsa_key_of_rfc_7638_section_3_1) {
    const auto thumbprint = thumbprint_of(
        R"({"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
                                              "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"})");
    EXPECT_EQ(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(jwk_thumbprint, of_the_ed25519_key_of_rfc_8037_appendix_a_3) {
    EXPECT_EQ(thumbprint_of(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
              "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(jwk_thumbprint, of_an_akp_key_is_of_its_alg_type_and_public_key) {
    EXPECT_EQ(thumbprint_of(R"({"kty":"AKP","alg":"ML-DSA-44","kid":"1","pub":"AAECAw"})"), "HsuIsHaqWBCWFuU49ukAcobvA20GYeL0MUgA_Hi5yUo");
    EXPECT_EQ(thumbprint_of(R"({"kty":"AKP","pub":"AAECAw"})"), std::nullopt) << "the same bytes are another algorithm's key too";
}

TEST(jwk_thumbprint, what_does_not_define_the_key_does_not_count) {
    const auto key = signing_key::generate(algorithm::es256);
    const auto one = thumbprint_of(key.jwk(algorithm::es256, "a"));
    EXPECT_TRUE(one);
    EXPECT_EQ(one, thumbprint_of(key.jwk(algorithm::es256, "another")));
    EXPECT_NE(one, thumbprint_of(signing_key::generate(algorithm::es256).jwk(algorithm::es256, "a")));
}

TEST(jwk_thumbprint, needs_all_that_defines_the_key) {
    for (const char* jwk : {R"({})", R"({"kty": "EC", "crv": "P-256", "x": "AA"})", R"({"kty": "RSA", "n": "AA", "e": 65537})",
                            R"({"kty": "XYZ", "x": "AA"})", R"({"kty": 5})", R"({"kty": "OKP", "x": "AA"})"}) {
        EXPECT_EQ(thumbprint_of(jwk), std::nullopt) << jwk;
    }
}

} // namespace
} // namespace bearward::policies::jose
