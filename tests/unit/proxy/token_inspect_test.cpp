#include "proxy/commands/token_inspect.hpp"

#include "config/configuration.hpp"
#include "policies/jose/base64url.hpp"
#include "proxy/commands/token_mint.hpp"

#include <gmock/gmock.h>

namespace bearward::proxy::commands {
namespace {

using policies::jose::encode_base64url;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr policies::time_point now{1'700'000'000s};
constexpr const char* secret = "0123456789-0123456789-0123456789-0123456789";

std::string mint(std::optional<std::string> issuer, std::string lifetime = "15m") {
    mint_options options{
        .secret = secret, .algorithm = "HS256", .subject = "u-1", .issuer = std::move(issuer), .lifetime = std::move(lifetime)};
    return make_token(options, now).value();
}

TEST(token_inspect, reads_header_and_claims_and_nothing_else) {
    const auto read = read_unverified(mint("https://id/"));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->size(), 2U);
    EXPECT_EQ(read->at("header").at("alg"), "HS256");
    EXPECT_EQ(read->at("claims").at("iss"), "https://id/");
}

TEST(token_inspect, says_what_is_wrong_without_repeating_it) {
    const std::string good = encode_base64url(R"({"alg": "none"})");
    for (const std::string& token : {std::string("hunter2"), std::string("hunter2.x"), "hunter2=." + good + ".x", good + ".hunter2.x",
                                     good + "." + encode_base64url(R"({"a": 1, "a": "hunter2"})") + ".x", std::string("hunter2.a.b.c.d")}) {
        const auto read = read_unverified(token);
        ASSERT_FALSE(read) << token;
        EXPECT_THAT(read.error(), Not(HasSubstr("hunter2")));
    }
    EXPECT_THAT(read_unverified("a.b.c.d.e").error(), HasSubstr("JWE"));
}

TEST(token_inspect, a_token_without_a_good_signature_can_be_read) {
    EXPECT_TRUE(read_unverified(encode_base64url(R"({"alg": "none"})") + "." + encode_base64url("{}") + "."));
}

TEST(token_inspect, dates_are_told_with_their_distance) {
    const boost::json::object claims{{"iat", 1'699'999'999}, {"nbf", "soon"}, {"exp", 1'700'093'600}};
    EXPECT_EQ(describe_dates(claims, now), "iat: 2023-11-14T22:13:19Z, 1s ago\nnbf: not a date\nexp: 2023-11-16T00:13:20Z, in 1d 2h\n");
    EXPECT_EQ(describe_dates({}, now), "");
}

class judged_token : public testing::Test {
protected:
    static inspection judge(std::string_view token) {
        const std::string key = R"(algorithms: [HS256], keys: {secret: {value: "0123456789-0123456789-0123456789-0123456789"}})";
        const auto result =
            config::load_text("version: 1\nlisten: [{address: 127.0.0.1:1}]\nupstreams: {app: {servers: [127.0.0.1:3]}}\nproviders:\n"
                              "  one: {type: jwt, issuer: https://one/, " +
                                  key +
                                  "}\n"
                                  "  two: {type: jwt, issuer: https://two/, audiences: [x], " +
                                  key +
                                  "}\n"
                                  "routes: [{prefix: /, upstream: app, providers: [one]}]\n",
                              "test.yaml");
        return judge_by_providers(*result.loaded.value().rules, token, now);
    }
};

TEST_F(judged_token, the_provider_of_its_issuer_judges_it) {
    const auto one = judge(mint("https://one/"));
    EXPECT_TRUE(one.accepted);
    EXPECT_THAT(one.text, AllOf(HasSubstr("provider one"), HasSubstr("signature"), HasSubstr("accepted"), Not(HasSubstr("provider two"))));
    const auto two = judge(mint("https://two/"));
    EXPECT_FALSE(two.accepted);
    EXPECT_THAT(two.text, AllOf(HasSubstr("provider two"), HasSubstr("refused: audience_mismatch")));
}

TEST_F(judged_token, expired_and_tampered_and_foreign_ones_are_refused) {
    EXPECT_THAT(judge(mint("https://one/", "-5m")).text, HasSubstr("refused: token_expired"));
    const std::string token = mint("https://one/");
    const auto dot = token.rfind('.') + 1;
    const auto tampered = judge(token.substr(0, dot) + std::string(43, 'A'));
    EXPECT_FALSE(tampered.accepted);
    EXPECT_THAT(tampered.text, AllOf(HasSubstr("refused: signature_invalid"), Not(HasSubstr(std::string(43, 'A')))));
    EXPECT_THAT(judge(mint("https://three/")).text, HasSubstr("No provider"));
}

} // namespace
} // namespace bearward::proxy::commands
