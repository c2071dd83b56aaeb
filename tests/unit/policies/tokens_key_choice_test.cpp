// Which key of a set a token is verified with, and which issuer it claims.
#include "jose_test_tokens.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace bearward::policies;
using namespace bearward::policies::tokens;
using namespace std::chrono_literals;
using jose::algorithm;
using testing::Eq;
using testing::Optional;
namespace test = bearward::policies::jose::test;

namespace {

constexpr auto now = time_point(1'800'000'000s);
const std::string expiry = R"("exp":1800000600)";

verification_rules test_rules(std::vector<algorithm> algorithms) {
    verification_rules rules;
    rules.provider = "main";
    rules.algorithms = std::move(algorithms);
    return rules;
}

/// A set of keys from JWKS: kid decides.
struct key_choice : testing::Test {
    verification_rules rules = test_rules({algorithm::es256, algorithm::eddsa});
    const jose::signing_key first = jose::signing_key::generate(algorithm::es256);
    const jose::signing_key second = jose::signing_key::generate(algorithm::es256);

    static std::string token(const jose::signing_key& by, const std::string& more = "") {
        return test::mint(by, algorithm::es256, R"({"alg":"ES256")" + more + "}", "{" + expiry + "}");
    }
    reason verdict(const std::vector<std::string>& jwks, std::string_view of) const {
        std::string set;
        for (const std::string& jwk : jwks) {
            set += (set.empty() ? "" : ",") + jwk;
        }
        const auto verified = verify_token(rules, test::keys_of("{\"keys\":[" + set + "]}", rules.algorithms), of);
        return verified ? judge_token(rules, **verified, now, {}) : verified.error().why;
    }
};

TEST_F(key_choice, kid_names_the_key) {
    const std::vector<std::string> set{first.jwk(algorithm::es256, "1"), second.jwk(algorithm::es256, "2")};
    EXPECT_EQ(verdict(set, token(second, R"(,"kid":"2")")), reason::ok);
    EXPECT_EQ(verdict(set, token(second, R"(,"kid":"1")")), reason::signature_invalid);
    EXPECT_EQ(verdict(set, token(second, R"(,"kid":"3")")), reason::key_not_found);
    EXPECT_EQ(verdict(set, token(second, R"(,"kid":"")")), reason::ok) << "an empty kid is none";
}

TEST_F(key_choice, an_unknown_kid_is_told_with_those_that_there_are) {
    const auto keys =
        test::keys_of("{\"keys\":[" + first.jwk(algorithm::es256, "a") + "," + second.jwk(algorithm::es256, "b") + "]}", rules.algorithms);
    const auto refused = verify_token(rules, keys, token(first, R"(,"kid":"x")"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().cause, "no key with kid 'x'; there are 'a', 'b'");
}

TEST_F(key_choice, where_no_key_has_a_kid_the_tokens_says_nothing) {
    const std::vector<std::string> set{second.jwk(algorithm::es256, ""), first.jwk(algorithm::es256, "")};
    EXPECT_EQ(verdict(set, token(first, R"(,"kid":"1")")), reason::ok);
    EXPECT_EQ(verdict(set, token(first, R"(,"kid":"")")), reason::ok);
    EXPECT_EQ(verdict(set, token(first)), reason::ok);
}

TEST_F(key_choice, a_key_without_kid_beside_one_with_is_never_meant_by_a_kid) {
    const std::vector<std::string> set{first.jwk(algorithm::es256, ""), second.jwk(algorithm::es256, "2")};
    EXPECT_EQ(verdict(set, token(first, R"(,"kid":"1")")), reason::key_not_found);
    EXPECT_EQ(verdict(set, token(first)), reason::ok);
}

TEST_F(key_choice, eddsa_takes_both_names_of_ed25519_and_ed25519_its_own) {
    const jose::signing_key& key = test::shared_key(algorithm::eddsa);
    const auto made = [&](algorithm alg) {
        return test::mint(key, alg, R"({"alg":")" + std::string(to_string(alg)) + "\"}", "{" + expiry + "}");
    };
    for (const algorithm word : {algorithm::eddsa, algorithm::ed25519}) {
        const std::vector<std::string> set{key.jwk(word, "")};
        rules.algorithms = {algorithm::eddsa};
        EXPECT_EQ(verdict(set, made(algorithm::eddsa)), reason::ok);
        EXPECT_EQ(verdict(set, made(algorithm::ed25519)), reason::ok);
        rules.algorithms = {algorithm::ed25519};
        EXPECT_EQ(verdict(set, made(algorithm::ed25519)), reason::ok);
        EXPECT_EQ(verdict(set, made(algorithm::eddsa)), reason::algorithm_not_allowed);
    }
}

TEST_F(key_choice, ed448_is_its_own_word_which_eddsa_does_not_take) {
    const jose::signing_key& key = test::shared_key(algorithm::ed448);
    const std::string made = test::mint(key, algorithm::ed448, R"({"alg":"Ed448"})", "{" + expiry + "}");
    const std::vector<std::string> both{key.jwk(algorithm::ed448, ""), test::shared_key(algorithm::eddsa).jwk(algorithm::eddsa, "")};
    rules.algorithms = {algorithm::ed448};
    EXPECT_EQ(verdict(both, made), reason::ok);
    rules.algorithms = {algorithm::eddsa};
    EXPECT_EQ(verdict({both[1]}, made), reason::algorithm_not_allowed);
    rules.algorithms = {algorithm::ed448, algorithm::eddsa};
    const std::string renamed = test::mint(key, algorithm::ed448, R"({"alg":"EdDSA"})", "{" + expiry + "}");
    EXPECT_EQ(verdict(both, renamed), reason::signature_invalid) << "the Ed25519 key alone is for EdDSA";
}

TEST_F(key_choice, without_kid_every_fitting_key_is_tried_sixteen_at_most) {
    std::vector<std::string> set;
    for (int count = 0; count < 15; ++count) {
        set.push_back(second.jwk(algorithm::es256, std::to_string(count)));
        set.push_back(jose::signing_key::generate(algorithm::eddsa).jwk(algorithm::eddsa, std::to_string(count))); // does not count
    }
    set.push_back(first.jwk(algorithm::es256, "f"));
    EXPECT_EQ(verdict(set, token(first)), reason::ok);
    set.insert(set.begin(), second.jwk(algorithm::es256, "s"));
    EXPECT_EQ(verdict(set, token(first)), reason::signature_invalid);
}

TEST_F(key_choice, keys_with_the_same_kid_are_all_tried) {
    const std::vector<std::string> set{second.jwk(algorithm::es256, "k"), first.jwk(algorithm::es256, "k")};
    EXPECT_EQ(verdict(set, token(first, R"(,"kid":"k")")), reason::ok);
}

TEST_F(key_choice, a_key_that_does_not_fit_the_algorithm) {
    const std::vector<std::string> set{test::shared_key(algorithm::eddsa).jwk(algorithm::eddsa, "k")};
    EXPECT_EQ(verdict(set, token(first, R"(,"kid":"k")")), reason::algorithm_not_allowed);
    EXPECT_EQ(verdict(set, token(first)), reason::key_not_found);
}

TEST_F(key_choice, keys_in_the_token_are_never_used) {
    const std::vector<std::string> set{first.jwk(algorithm::es256, "1")};
    EXPECT_EQ(verdict(set, token(second, R"(,"jwk":)" + second.jwk(algorithm::es256, "1"))), reason::signature_invalid);
    EXPECT_EQ(verdict(set, token(second, R"(,"kid":"1","jku":"https://evil.example/jwks")")), reason::signature_invalid);
}

TEST(peek_issuer, reads_the_unverified_issuer) {
    const auto token = [](std::string_view payload) { return "e30." + jose::encode_base64url(payload) + ".AAAA"; };
    EXPECT_THAT(peek_issuer(token(R"({"iss":"i"})")), Optional(Eq("i")));
    for (const char* payload : {"{}", R"({"iss":7})", R"({"iss":"i","iss":"j"})", "x", ""}) {
        EXPECT_EQ(peek_issuer(token(payload)), std::nullopt) << payload;
    }
    EXPECT_EQ(peek_issuer("opaque"), std::nullopt);
    EXPECT_EQ(peek_issuer(token(R"({"iss":"i"})") + ".a.b"), std::nullopt);
    EXPECT_EQ(peek_issuer("e30.e30=.AAAA"), std::nullopt);
}

} // namespace
