#include "proxy/commands/key_new.hpp"

#include "policies/jose/availability.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/jose/signature.hpp"
#include "policies/jose/thumbprint.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace bearward::proxy::commands {
namespace {

namespace jose = policies::jose;
using testing::HasSubstr;

class key_new : public testing::TestWithParam<const char*> {};

TEST_P(key_new, the_public_set_verifies_what_the_private_key_signs) {
    const auto made = make_key_pair(GetParam());
    ASSERT_TRUE(made) << made.error();
    const auto algorithm = jose::parse_algorithm(GetParam()).value();
    const std::vector<jose::algorithm> only{algorithm};
    const auto set = jose::parse_jwk_set(made->public_set, {.algorithms = only});
    ASSERT_TRUE(set) << set.error();
    EXPECT_TRUE(set->warnings.empty()) << "no private part, nothing skipped";
    const auto key = jose::signing_key::parse_pem(made->private_pem);
    ASSERT_TRUE(key) << key.error();
    const auto signature = key->sign(algorithm, "signed");
    ASSERT_TRUE(signature);
    EXPECT_TRUE(jose::verify_signature(set->keys.at(0), algorithm, "signed", *signature));
    const auto jwk = boost::json::parse(made->public_set).at("keys").at(0).as_object();
    EXPECT_EQ(std::string_view(jwk.at("kid").as_string()), jose::jwk_thumbprint(jwk));
    EXPECT_FALSE(jwk.contains("d"));
}

INSTANTIATE_TEST_SUITE_P(all, key_new, testing::Values("RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed448"),
                         [](const auto& one) { return std::string(one.param); });

TEST(make_key_pair, both_can_be_read_from_one_file) {
    const auto made = make_key_pair("EdDSA");
    ASSERT_TRUE(made);
    EXPECT_TRUE(jose::signing_key::parse_pem(made->private_pem + made->public_set));
}

TEST(make_key_pair, algorithms_without_a_pair_are_refused_with_what_to_do) {
    EXPECT_THAT(make_key_pair("HS256").error(), HasSubstr("/dev/urandom"));
    EXPECT_FALSE(make_key_pair("none"));
    EXPECT_EQ(make_key_pair("ML-DSA-65").has_value(), jose::is_available(jose::algorithm::ml_dsa_65));
    EXPECT_FALSE(make_key_pair("es256"));
    EXPECT_FALSE(make_key_pair(""));
}

} // namespace
} // namespace bearward::proxy::commands
