// ML-DSA keys (RFC 9964): their form wherever the tests run, their signatures where
// OpenSSL has them.
#include "jose_test_tokens.hpp"
#include "policies/jose/availability.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/key_material.hpp"
#include "policies/jose/thumbprint.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace bearward::policies::jose {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string jwk_of(std::string_view alg, std::size_t bytes) {
    return R"({"kty":"AKP","kid":"k","alg":")" + std::string(alg) + R"(","pub":")" + encode_base64url(std::string(bytes, 'x')) + "\"}";
}

class ml_dsa : public testing::TestWithParam<algorithm> {
protected:
    const algorithm value = GetParam();
    const std::vector<algorithm> only{value};
    const key_family_row& family = row_of(key_family_table, row_of(algorithm_table, value).family);
};

TEST_P(ml_dsa, a_key_of_the_right_form_is_used_or_openssl_is_named_that_lacks_it) {
    const auto set = parse_jwk_set(jwk_of(to_string(value), family.raw), test::options_for(only));
    if (is_available(value)) {
        ASSERT_TRUE(set) << set.error();
        EXPECT_THAT(set->keys.at(0).algorithms(), ElementsAre(value));
    } else {
        ASSERT_FALSE(set);
        EXPECT_THAT(set.error(), HasSubstr(std::string(to_string(value)) + " needs OpenSSL 3.5 or later; 3."));
    }
}

TEST_P(ml_dsa, a_public_key_has_one_length) {
    for (const std::size_t size : {std::size_t{1}, family.raw - 1, family.raw + 1}) {
        const auto made = make_raw_material(family.value, std::string(size, 'x'));
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error(), "pub must have exactly " + std::to_string(family.raw) + " bytes");
    }
}

TEST_P(ml_dsa, a_key_fits_its_own_algorithm_alone) {
    const key::material material(family.value, {}, nullptr);
    for (const algorithm_row& each : algorithm_table) {
        const auto fits = allowed_algorithms(material, test::options_for({each.value}), each.value);
        EXPECT_EQ(fits.has_value(), each.value == value) << each.word;
    }
}

TEST_P(ml_dsa, what_openssl_lacks_signs_nothing_and_what_it_has_verifies) {
    if (!is_available(value)) {
        EXPECT_THROW((void)signing_key::generate(value), std::runtime_error);
        return;
    }
    const signing_key& mine = test::shared_key(value);
    const auto again = signing_key::parse_pem(mine.private_pem());
    ASSERT_TRUE(again) << again.error();
    const std::string token = test::mint(*again, value, "{}");
    const auto parsed = parse_jws(token, only);
    ASSERT_TRUE(parsed);
    const key_set set = test::keys_of(mine.jwk(value, "k"), only);
    EXPECT_EQ(parsed->signature.size(), family.signature);
    EXPECT_TRUE(verify_signature(set.keys.at(0), value, parsed->signing_input, parsed->signature));
    EXPECT_FALSE(verify_signature(set.keys.at(0), value, "another", parsed->signature));
    EXPECT_TRUE(jwk_thumbprint(boost::json::parse(mine.jwk(value, "k")).as_object()));
}

INSTANTIATE_TEST_SUITE_P(all, ml_dsa, testing::Values(algorithm::ml_dsa_44, algorithm::ml_dsa_65, algorithm::ml_dsa_87),
                         [](const auto& one) { return std::string(to_string(one.param).substr(7)); });

TEST(ml_dsa_jwk, names_its_algorithm) {
    const std::vector<algorithm> all{algorithm::ml_dsa_44, algorithm::es256};
    const auto fault = [&](const std::string& jwk) { return parse_jwk_set(jwk, test::options_for(all)).error(); };
    EXPECT_THAT(fault(R"({"kty":"AKP","pub":"AAAA"})"), HasSubstr("'alg' is missing"));
    EXPECT_THAT(fault(R"({"kty":"AKP","alg":"ES256","pub":"AAAA"})"), HasSubstr("its alg is none of ML-DSA-44"));
    EXPECT_THAT(fault(R"({"kty":"AKP","alg":"ML-DSA-128","pub":"AAAA"})"), HasSubstr("not a signature algorithm"));
    EXPECT_THAT(fault(R"({"kty":"AKP","alg":"SLH-DSA-SHA2-128s","pub":"AAAA"})"), HasSubstr("not a signature algorithm"));
}

} // namespace
} // namespace bearward::policies::jose
