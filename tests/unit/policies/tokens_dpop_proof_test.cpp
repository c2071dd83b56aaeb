// Each way in which a DPoP proof is refused (RFC 9449 section 4.3).
#include "dpop_test_proofs.hpp"
#include "policies/tokens/dpop_proof.hpp"

#include <gmock/gmock.h>

namespace bearward::policies::tokens {
namespace {

using jose::algorithm;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

namespace json = boost::json;

constexpr time_point now{1'800'000'000s};
const std::string token = "eyJ.the.token";

class dpop_proof : public testing::Test {
protected:
    test::proof_maker client;
    proof_demand demand{.key = client.thumbprint,
                        .token = token,
                        .method = "GET",
                        .target = {.scheme = "https", .authority = "api.example.com", .path = "/x"},
                        .now = now,
                        .clock_skew = 30s,
                        .longest = std::size_t{16} * 1024};

    /// "ok", or why it is refused.
    [[nodiscard]] std::string verdict(std::string_view proof) const {
        const auto held = check_dpop_proof(proof, demand);
        return held ? "ok" : held.error();
    }
    [[nodiscard]] std::string with_header(const json::object& changes) const { return verdict(client.make(token, changes)); }
    [[nodiscard]] std::string with_claims(const json::object& changes) const { return verdict(client.make(token, {}, changes)); }
};

TEST_F(dpop_proof, a_sound_one_holds_and_says_which_it_is) {
    const auto held = check_dpop_proof(client.make(token), demand);
    ASSERT_TRUE(held) << held.error();
    EXPECT_EQ(held->id, "p-1");
    EXPECT_EQ(held->issued_at, now);
    EXPECT_EQ(with_claims({{"nonce", "n"}, {"more", 1}}), "ok") << "other claims say nothing";
    EXPECT_EQ(with_header({{"kid", "k"}}), "ok");
}

TEST_F(dpop_proof, every_algorithm_with_a_key_pair_is_taken) {
    for (const algorithm value : jose::test::all_algorithms) {
        if (jose::is_hmac(value)) {
            continue;
        }
        const test::proof_maker other(value);
        demand.key = other.thumbprint;
        EXPECT_EQ(verdict(other.make(token)), "ok") << to_string(value);
    }
    EXPECT_THAT(proof_algorithm_words(), StartsWith("RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448"));
}

TEST_F(dpop_proof, has_the_strict_form_of_a_token) {
    const std::string sound = client.make(token);
    EXPECT_EQ(verdict(""), "three parts expected, found one");
    EXPECT_EQ(verdict(sound + ".x"), "three parts expected, found four");
    EXPECT_EQ(verdict(sound + "="), "the signature is not base64url");
    EXPECT_EQ(verdict(sound + ", " + sound), "three parts expected, found five: encrypted tokens (JWE) are not accepted");
    EXPECT_THAT(with_header({{"crit", json::array{"x"}}}), HasSubstr("crit or b64"));
    EXPECT_THAT(with_header({{"b64", true}}), HasSubstr("crit or b64"));
    EXPECT_THAT(with_header({{"alg", nullptr}}), HasSubstr("no alg"));
    demand.longest = sound.size() - 1;
    EXPECT_EQ(verdict(sound), "it is longer than limits.max_token");
}

TEST_F(dpop_proof, repeated_names_are_refused_in_header_and_payload) {
    const std::string jwk = json::serialize(client.header.at("jwk"));
    const std::string claims = json::serialize(client.claims);
    EXPECT_THAT(
        verdict(jose::test::mint(client.key, client.alg, R"({"typ":"dpop+jwt","alg":"ES256","jwk":)" + jwk + R"(,"alg":"ES256"})", claims)),
        HasSubstr("the header is not one sound JSON object"));
    EXPECT_THAT(verdict(jose::test::mint(client.key, client.alg, json::serialize(client.header), R"({"jti":"a","jti":"b"})")),
                HasSubstr("payload is not one sound JSON object"));
    EXPECT_THAT(verdict(jose::test::mint(client.key, client.alg, json::serialize(client.header), "[]")), HasSubstr("payload is not"));
}

TEST_F(dpop_proof, its_type_is_exactly_dpop_jwt) {
    for (const char* typ : {"JWT", "at+jwt", "DPOP+JWT", "application/dpop+jwt", "dpop+jwt ", ""}) {
        EXPECT_EQ(with_header({{"typ", typ}}), "its typ is not dpop+jwt") << typ;
    }
    EXPECT_EQ(with_header({{"typ", nullptr}}), "its typ is not dpop+jwt");
    EXPECT_THAT(with_header({{"typ", 7}}), HasSubstr("typ that is not a string"));
}

TEST_F(dpop_proof, symmetric_and_unknown_algorithms_are_refused) {
    for (const char* alg : {"none", "HS256", "HS512", "ES256K", "es256", "RSA-OAEP"}) {
        EXPECT_THAT(with_header({{"alg", alg}}), HasSubstr("is none of")) << alg;
    }
}

TEST_F(dpop_proof, its_key_stands_in_the_header_and_is_the_tokens) {
    EXPECT_EQ(with_header({{"jwk", nullptr}}), "its header has no jwk");
    EXPECT_EQ(with_header({{"jwk", "x"}}), "its header has no jwk");
    EXPECT_EQ(with_header({{"jwk", json::object{}}}), "its key is not the one of cnf.jkt");
    const test::proof_maker other(algorithm::es384);
    EXPECT_EQ(verdict(other.make(token)), "its key is not the one of cnf.jkt");
    EXPECT_EQ(verdict(other.make(token, {{"jwk", client.header.at("jwk")}, {"alg", "ES256"}})), "its key did not sign it")
        << "another's signature under this key";
}

TEST_F(dpop_proof, its_key_is_public_alone) {
    for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}) {
        json::object jwk = client.header.at("jwk").as_object();
        jwk[secret] = "AAAA";
        EXPECT_EQ(with_header({{"jwk", jwk}}), "its jwk: it is a secret or holds a private key") << secret;
    }
}

TEST_F(dpop_proof, its_key_fits_the_algorithm) {
    EXPECT_THAT(with_header({{"alg", "ES384"}}), StartsWith("its jwk: "));
    EXPECT_THAT(with_header({{"alg", "RS256"}}), StartsWith("its jwk: "));
    EXPECT_THAT(with_header({{"alg", "EdDSA"}}), StartsWith("its jwk: "));
    json::object jwk = client.header.at("jwk").as_object();
    jwk["use"] = "enc";
    EXPECT_EQ(with_header({{"jwk", jwk}}), "its jwk: its use is not sig");
}

TEST_F(dpop_proof, no_flipped_bit_of_the_signature_holds) {
    const std::string sound = client.make(token);
    const std::size_t begin = sound.rfind('.') + 1;
    const std::string signature = jose::decode_base64url(sound.substr(begin)).value();
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        std::string flipped = signature;
        flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
        EXPECT_EQ(verdict(sound.substr(0, begin) + jose::encode_base64url(flipped)), "its key did not sign it") << bit;
    }
}

TEST_F(dpop_proof, it_is_for_the_method) {
    EXPECT_EQ(with_claims({{"htm", "POST"}}), "htm is 'POST', the method 'GET'");
    EXPECT_EQ(with_claims({{"htm", "get"}}), "htm is 'get', the method 'GET'");
    EXPECT_EQ(with_claims({{"htm", nullptr}}), "htm is missing or no text");
    EXPECT_EQ(with_claims({{"htm", 7}}), "htm is missing or no text");
}

TEST_F(dpop_proof, it_is_for_the_target) {
    EXPECT_EQ(with_claims({{"htu", "https://api.example.com/y"}}),
              "htu is 'https://api.example.com/y'; the client's request is seen as 'https://api.example.com/x'");
    EXPECT_EQ(with_claims({{"htu", "https://API.example.com:443/x?q#f"}}), "ok");
    EXPECT_THAT(with_claims({{"htu", "http://api.example.com/x"}}), StartsWith("htu is "));
    EXPECT_EQ(with_claims({{"htu", nullptr}}), "htu is missing or no text");
    EXPECT_EQ(with_claims({{"htu", ""}}), "htu is missing or no text");
}

TEST_F(dpop_proof, it_is_for_the_token) {
    EXPECT_EQ(with_claims({{"ath", nullptr}}), "ath is missing or no text");
    EXPECT_EQ(with_claims({{"ath", jose::encode_base64url(jose::sha256_text("another"))}}), "ath is another token's");
    EXPECT_EQ(with_claims({{"ath", jose::encode_base64url(jose::sha256_text(token)) + "="}}), "ath is another token's");
    EXPECT_EQ(verdict(client.make(token + "x")), "ath is another token's");
}

TEST_F(dpop_proof, it_is_a_minute_and_the_skew_old_or_early_at_most) {
    const auto at = [&](std::int64_t seconds) { return with_claims({{"iat", 1'800'000'000 + seconds}}); };
    EXPECT_EQ(at(-90), "ok");
    EXPECT_EQ(at(90), "ok");
    EXPECT_THAT(at(-91), HasSubstr("too far from each other"));
    EXPECT_THAT(at(91), HasSubstr("too far from each other"));
    EXPECT_THAT(with_claims({{"iat", 9007199254740992}}), HasSubstr("too far from each other"));
    EXPECT_EQ(with_claims({{"iat", nullptr}}), "iat is missing");
    EXPECT_EQ(with_claims({{"iat", "1800000000"}}), "iat is no date");
    EXPECT_EQ(with_claims({{"iat", -1}}), "iat is no date");
    demand.clock_skew = 0s;
    EXPECT_EQ(at(-60), "ok");
    EXPECT_THAT(at(-61), HasSubstr("too far from each other"));
}

TEST_F(dpop_proof, it_has_a_name_of_its_own) {
    EXPECT_EQ(with_claims({{"jti", nullptr}}), "jti is missing or no text");
    EXPECT_EQ(with_claims({{"jti", ""}}), "jti is missing or no text");
    EXPECT_EQ(with_claims({{"jti", 1}}), "jti is missing or no text");
}

} // namespace
} // namespace bearward::policies::tokens
