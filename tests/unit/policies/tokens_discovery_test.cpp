// What an issuer's discovery document may say, and what not.
#include "policies/tokens/discovery.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {
namespace {

using ::testing::HasSubstr;

const std::string keys = R"("jwks_uri":"https://id.example.com/keys")";

std::vector<issuer_pattern> patterns(const std::vector<std::string>& written) {
    std::vector<issuer_pattern> made;
    for (const std::string& each : written) {
        made.push_back(issuer_pattern::parse(each).value());
    }
    return made;
}

std::string document(std::string_view issuer) {
    return R"({"issuer":")" + std::string(issuer) + "\"," + keys + "}";
}

/// The error, or where the keys are.
std::string outcome(std::string_view text, const std::vector<std::string>& issuers = {"https://id.example.com/"}) {
    const auto known = patterns(issuers);
    const auto parsed = parse_discovery(text, known);
    return parsed ? *parsed : parsed.error();
}

TEST(discovery, says_where_the_keys_of_the_issuer_are) {
    EXPECT_EQ(outcome(document("https://id.example.com/")), "https://id.example.com/keys");
    EXPECT_EQ(outcome(document("https://old.example.com"), {"https://id.example.com/", "https://old.example.com"}),
              "https://id.example.com/keys");
}

TEST(discovery, names_the_issuer_byte_for_byte) {
    for (const char* other : {"https://id.example.com", "https://id.example.com//", "https://ID.example.com/", "http://id.example.com/",
                              "https://id.example.com/ ", "https://id.example.com:443/", "https://id.example.com/x"}) {
        EXPECT_THAT(outcome(document(other)), HasSubstr("which is not 'https://id.example.com/'")) << other;
    }
    EXPECT_THAT(outcome(document("https://id.example.com/"), {}), HasSubstr("which is not")) << "no issuer is any issuer";
}

TEST(discovery, of_a_template_names_the_template) {
    const std::vector<std::string> tenants{"https://login.example.com/{tid}/v2.0"};
    EXPECT_EQ(outcome(document("https://login.example.com/{tid}/v2.0"), tenants), "https://id.example.com/keys");
    EXPECT_EQ(outcome(document("https://login.example.com/{tenantid}/v2.0"), tenants), "https://id.example.com/keys");
    EXPECT_EQ(outcome(document("https://login.example.com/{tenantid}/"), {"https://login.example.com/{tenantid}/"}),
              "https://id.example.com/keys");
    EXPECT_THAT(outcome(document("https://login.example.com/{other}/v2.0"), tenants), HasSubstr("which is not"));
    EXPECT_THAT(outcome(document("https://login.example.com/{tenantid}/v1.0"), tenants), HasSubstr("which is not"));
}

TEST(discovery, of_one_issuer_does_not_speak_for_all_of_a_template) {
    EXPECT_THAT(outcome(document("https://kc.example.com/realms/one"), {"https://kc.example.com/realms/{realm}"}),
                HasSubstr("which is not 'https://kc.example.com/realms/{realm}'"));
}

TEST(discovery, a_literal_issuer_is_no_template) {
    EXPECT_THAT(outcome(document("https://id.example.com/{tenantid}")), HasSubstr("which is not"));
}

TEST(discovery, is_one_strict_json_object) {
    for (const char* text : {"", "[]", "null", "\"https://id.example.com/\"", "{", "<html></html>", "{\"issuer\":1,\"issuer\":2}",
                             "{\"issuer\":\"https://id.example.com/\"}{}", "\xEF\xBB\xBF{}"}) {
        EXPECT_THAT(outcome(text), HasSubstr("not a discovery document")) << text;
    }
    EXPECT_THAT(outcome(R"({"issuer":"https://evil.example.com/","issuer":"https://id.example.com/",)" + keys + "}"),
                HasSubstr("not a discovery document"));
}

TEST(discovery, without_issuer_or_keys_is_none) {
    EXPECT_THAT(outcome("{" + keys + "}"), HasSubstr("it has no issuer"));
    EXPECT_THAT(outcome(R"({"keys":[]})"), HasSubstr("it is a JWK set; keys.jwks_url takes that"));
    for (const char* issuer : {"null", "\"\"", "[\"https://id.example.com/\"]", "1"}) {
        EXPECT_THAT(outcome(std::string(R"({"issuer":)") + issuer + "," + keys + "}"), HasSubstr("it has no issuer")) << issuer;
    }
    for (const char* where : {"null", "\"\"", "[]", "{}"}) {
        EXPECT_THAT(outcome(R"({"issuer":"https://id.example.com/","jwks_uri":)" + std::string(where) + "}"), HasSubstr("has no jwks_uri"))
            << where;
    }
}

TEST(discovery, messages_hold_little_of_a_document) {
    EXPECT_LT(outcome(document(std::string(100'000, 'x'))).size(), 300U);
    EXPECT_EQ(outcome(document("\\u001b[31m\\n")).find('\n'), std::string::npos);
}

} // namespace
} // namespace bearward::policies::tokens
