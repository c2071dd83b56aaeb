// Properties: a token with any bit flipped, cut anywhere, or put together from
// two never verifies.
#include "jose_test_tokens.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <gtest/gtest.h>

using namespace bearward::policies;
using namespace bearward::policies::tokens;
using jose::algorithm;
namespace test = bearward::policies::jose::test;

namespace {

verification_rules test_rules(std::vector<algorithm> algorithms) {
    verification_rules rules;
    rules.provider = "main";
    rules.algorithms = std::move(algorithms);
    return rules;
}

class tampering : public testing::TestWithParam<algorithm> {
protected:
    const verification_rules rules = test_rules(test::all_algorithms);
    const jose::signing_key& key = test::shared_key(GetParam());
    // Without `alg`: what the header says is not held back by the key's own word.
    const jose::key_set keys = is_hmac(GetParam())
                                   ? jose::make_secret_key_set(std::string(64, 'k'), test::options_for(rules.algorithms)).value()
                                   : jose::parse_pem_keys(key.public_pem(), test::options_for(rules.algorithms)).value();
    const std::string token = minted(R"({"exp":1800000600,"sub":"u-1"})");

    std::string minted(std::string_view claims) const {
        return test::mint(is_hmac(GetParam()) ? jose::signing_key::from_secret(std::string(64, 'k')) : key, GetParam(), claims);
    }
    bool verifies(std::string_view candidate) const { return verify_token(rules, keys, candidate).has_value(); }
};

TEST_P(tampering, no_flipped_bit_verifies) {
    ASSERT_TRUE(verifies(token));
    for (std::size_t place = 0; place < token.size(); ++place) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string flipped = token;
            flipped[place] = static_cast<char>(static_cast<unsigned char>(flipped[place]) ^ (1U << bit));
            EXPECT_FALSE(verifies(flipped)) << place << ' ' << bit;
        }
    }
}

TEST_P(tampering, no_cut_verifies) {
    for (std::size_t place = 0; place < token.size(); ++place) {
        EXPECT_FALSE(verifies(std::string_view(token).substr(0, place))) << place;
        EXPECT_FALSE(verifies(std::string_view(token).substr(place + 1))) << place;
        EXPECT_FALSE(verifies(token.substr(0, place) + token.substr(place + 1))) << place;
    }
}

TEST_P(tampering, no_doubled_byte_verifies) {
    for (std::size_t place = 0; place < token.size(); ++place) {
        EXPECT_FALSE(verifies(token.substr(0, place) + token[place] + token.substr(place))) << place;
    }
}

TEST_P(tampering, no_mixture_of_two_tokens_verifies) {
    const std::string other = minted(R"({"exp":1800000600,"sub":"u-2"})");
    ASSERT_TRUE(verifies(other));
    EXPECT_FALSE(verifies(token.substr(0, token.rfind('.')) + other.substr(other.rfind('.'))));
}

INSTANTIATE_TEST_SUITE_P(tokens, tampering,
                         testing::Values(algorithm::hs256, algorithm::rs256, algorithm::ps256, algorithm::es256, algorithm::eddsa),
                         [](const auto& chosen) { return std::string(to_string(chosen.param)); });

} // namespace
