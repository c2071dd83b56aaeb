#include "proxy/commands/token_mint.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/signature.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace bearward::proxy::commands {
namespace {

namespace jose = policies::jose;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const std::string secret = "0123456789abcdef0123456789abcdef";
constexpr policies::time_point now{1'800'000'000'123ms};

mint_options with_secret() {
    mint_options options;
    options.secret = secret;
    options.algorithm = "HS256";
    return options;
}

struct opened {
    boost::json::object header;
    boost::json::object claims;
    std::string signing_input;
    std::string signature;
};

opened open_token(const std::string& token) {
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    const auto json_of = [&token](std::size_t from, std::size_t to) {
        return boost::json::parse(jose::decode_base64url(token.substr(from, to - from)).value()).as_object();
    };
    return {.header = json_of(0, first),
            .claims = json_of(first + 1, second),
            .signing_input = token.substr(0, second),
            .signature = jose::decode_base64url(token.substr(second + 1)).value()};
}

opened mint(const mint_options& options) {
    const auto token = make_token(options, now);
    if (!token) {
        ADD_FAILURE() << token.error();
        return {};
    }
    return open_token(*token);
}

class temporary_file {
public:
    explicit temporary_file(const std::string& text) {
        std::string pattern = (std::filesystem::temp_directory_path() / "bearward-mint-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        path = (directory_ / "key").string();
        std::ofstream(path) << text;
    }
    ~temporary_file() { std::filesystem::remove_all(directory_); }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    std::string path;

private:
    std::filesystem::path directory_;
};

TEST(token_mint, a_plain_token_has_times_and_an_id_of_its_own) {
    const auto one = mint(with_secret());
    EXPECT_EQ(one.header, (boost::json::object{{"alg", "HS256"}, {"typ", "JWT"}}));
    EXPECT_EQ(one.claims.at("iat").as_int64(), 1'800'000'000);
    EXPECT_EQ(one.claims.at("exp").as_int64(), 1'800'000'000 + 15 * 60);
    EXPECT_EQ(one.claims.size(), 3U);
    EXPECT_NE(one.claims.at("jti"), mint(with_secret()).claims.at("jti"));
}

TEST(token_mint, options_become_claims) {
    auto options = with_secret();
    options.key_id = "k1";
    options.subject = "u-1";
    options.tenant = "t-1";
    options.issuer = "https://id.example.com/";
    options.roles = {"reader", "editor"};
    options.audiences = {"widgets-api"};
    options.lifetime = "1h";
    const auto token = mint(options);
    EXPECT_EQ(token.header.at("kid").as_string(), "k1");
    EXPECT_EQ(token.claims.at("sub").as_string(), "u-1");
    EXPECT_EQ(token.claims.at("tid").as_string(), "t-1");
    EXPECT_EQ(token.claims.at("iss").as_string(), "https://id.example.com/");
    EXPECT_EQ(token.claims.at("roles"), boost::json::parse(R"(["reader", "editor"])"));
    EXPECT_EQ(token.claims.at("aud").as_string(), "widgets-api");
    EXPECT_EQ(token.claims.at("exp").as_int64(), 1'800'003'600);
    options.audiences = {"a", "b"};
    EXPECT_EQ(mint(options).claims.at("aud"), boost::json::parse(R"(["a", "b"])"));
}

TEST(token_mint, claims_are_json_where_they_parse_and_win) {
    auto options = with_secret();
    options.subject = "u-1";
    options.claims = {"n=1", "t=read write", "s=\"1\"", "o={\"a\":[true,null]}", "e=", "eq=a=b", "sub=other", "exp=7", "tid=null"};
    const auto claims = mint(options).claims;
    EXPECT_EQ(claims.at("n").as_int64(), 1);
    EXPECT_EQ(claims.at("t").as_string(), "read write");
    EXPECT_EQ(claims.at("s").as_string(), "1");
    EXPECT_EQ(claims.at("o"), boost::json::parse(R"({"a":[true,null]})"));
    EXPECT_EQ(claims.at("e").as_string(), "");
    EXPECT_EQ(claims.at("eq").as_string(), "a=b");
    EXPECT_EQ(claims.at("sub").as_string(), "other");
    EXPECT_EQ(claims.at("exp").as_int64(), 7);
    EXPECT_TRUE(claims.at("tid").is_null());
}

TEST(token_mint, a_negative_lifetime_makes_an_expired_token) {
    auto options = with_secret();
    options.lifetime = "-5m";
    EXPECT_EQ(mint(options).claims.at("exp").as_int64(), 1'800'000'000 - 300);
}

TEST(token_mint, a_secret_file_loses_one_newline_and_no_more) {
    const temporary_file file(secret + "\n\n");
    mint_options options;
    options.secret_file = file.path;
    options.algorithm = "HS256";
    const auto token = mint(options);
    EXPECT_EQ(jose::signing_key::from_secret(secret + "\n").sign(jose::algorithm::hs256, token.signing_input), token.signature);
}

TEST(token_mint, each_kind_of_key_makes_a_token_that_verifies) {
    using enum jose::algorithm;
    for (const auto algorithm : {rs256, rs512, ps256, es256, es384, es512, eddsa, ed448}) {
        const auto key = jose::signing_key::generate(algorithm);
        const temporary_file file(key.private_pem());
        mint_options options;
        options.key_file = file.path;
        options.algorithm = std::string(to_string(algorithm));
        const auto token = mint(options);
        const std::vector<jose::algorithm> accepted{algorithm};
        const auto keys = jose::parse_pem_keys(key.public_pem(), {.algorithms = accepted});
        ASSERT_TRUE(keys) << keys.error();
        EXPECT_TRUE(jose::verify_signature(keys->keys.front(), algorithm, token.signing_input, token.signature)) << options.algorithm;
    }
}

TEST(token_mint, errors_are_sentences_without_the_secret) {
    const auto error_of = [](const mint_options& options) {
        const auto token = make_token(options, now);
        return token ? "minted" : token.error();
    };
    auto options = with_secret();
    options.algorithm = "none";
    EXPECT_THAT(error_of(options), HasSubstr("--alg is not an algorithm"));
    options = with_secret();
    options.lifetime = "forever";
    EXPECT_THAT(error_of(options), HasSubstr("--ttl is not a duration"));
    options = with_secret();
    options.claims = {"a"};
    EXPECT_THAT(error_of(options), HasSubstr("--claim is not NAME=VALUE"));
    options = with_secret();
    options.key_file = "key.pem";
    EXPECT_THAT(error_of(options), HasSubstr("exactly one of"));
    options = with_secret();
    options.secret = "";
    EXPECT_EQ(error_of(options), "the secret is empty");
    options = {};
    options.key_file = "/nonexistent/key.pem";
    options.algorithm = "RS256";
    EXPECT_EQ(error_of(options), "cannot read /nonexistent/key.pem: No such file or directory");
    options.key_file = std::filesystem::temp_directory_path().string();
    EXPECT_THAT(error_of(options), HasSubstr("cannot read"));
    options = with_secret();
    options.algorithm = "RS256";
    EXPECT_THAT(error_of(options), testing::AllOf(Not("minted"), Not(HasSubstr(secret))));
}

TEST(token_mint, a_file_that_holds_no_key_is_named_but_not_shown) {
    const temporary_file file("hunter2");
    mint_options options;
    options.key_file = file.path;
    options.algorithm = "ES256";
    const auto token = make_token(options, now);
    ASSERT_FALSE(token);
    EXPECT_THAT(token.error(), testing::AllOf(HasSubstr(file.path), Not(HasSubstr("hunter2"))));
}

TEST(token_mint, the_command_prints_only_the_token) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(mint_token(with_secret()), 0);
    const std::string out = testing::internal::GetCapturedStdout();
    EXPECT_THAT(out, testing::MatchesRegex("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\n"));
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    testing::internal::CaptureStderr();
    EXPECT_EQ(mint_token({}), 1);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::StartsWith("bearward token mint: "));
}

TEST(parse_lifetime, takes_durations_with_a_sign_and_nothing_absurd) {
    EXPECT_EQ(parse_lifetime("15m"), 15min);
    EXPECT_EQ(parse_lifetime("-1h"), -1h);
    EXPECT_EQ(parse_lifetime("250ms"), 250ms);
    for (const auto* text : {"", "-", "15", "m", "--5m", "-+5m", "5 m", "5d", "99999999999999999999h", "2562047788015h"}) {
        EXPECT_EQ(parse_lifetime(text), std::nullopt) << text;
    }
}

} // namespace
} // namespace bearward::proxy::commands
