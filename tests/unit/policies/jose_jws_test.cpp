#include "policies/jose/jws.hpp"

#include "jose_test_tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace bearward::policies;
using namespace bearward::policies::jose;
using testing::Eq;
using testing::Optional;

namespace {

const std::vector<algorithm> listed{algorithm::hs256, algorithm::rs256};

/// What parsing says of a token with this header.
reason verdict_of(std::string_view header, std::string_view signature = "c2ln") {
    const std::string token = encode_base64url(header) + ".e30." + std::string(signature);
    const auto parsed = parse_jws(token, listed);
    return parsed ? reason::ok : parsed.error().why;
}

TEST(jws, gives_the_parts_of_a_good_token) {
    const std::string header = R"({"alg":"RS256","kid":"k-1","typ":"JWT","jku":"https://evil.example","jwk":{"kty":"oct"},"x5c":["a"]})";
    const std::string token = encode_base64url(header) + ".cGF5bG9hZA.c2ln";
    const auto parsed = parse_jws(token, listed);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->alg, algorithm::rs256);
    EXPECT_THAT(parsed->key_id, Optional(Eq("k-1")));
    EXPECT_THAT(parsed->type, Optional(Eq("JWT")));
    EXPECT_EQ(parsed->payload, "payload");
    EXPECT_EQ(parsed->signature, "sig");
    EXPECT_EQ(parsed->signing_input, encode_base64url(header) + ".cGF5bG9hZA");
}

TEST(jws, has_exactly_three_parts) {
    const std::string header = encode_base64url(R"({"alg":"HS256"})");
    for (const std::string& token : {std::string(), header, header + ".e30", header + ".e30.c2ln.", header + ".e30.c2ln.c2ln",
                                     header + ".e30.c2ln.c2ln.c2ln", "." + header + ".e30.c2ln", std::string(".."), std::string("....")}) {
        const auto parsed = parse_jws(token, listed);
        ASSERT_FALSE(parsed) << token;
        EXPECT_EQ(parsed.error().why, reason::token_malformed) << token;
    }
}

TEST(jws, parts_are_strict_base64url) {
    const std::string header = encode_base64url(R"({"alg":"HS256"})");
    ASSERT_TRUE(parse_jws(header + ".e30.c2ln", listed));
    for (const std::string& token : {header + "=.e30.c2ln", header + ".e30=.c2ln", header + ".e30.c2lnPQ==", header + ". e30.c2ln",
                                     header + ".e30.c2ln\n", header + ".e30.+/8", header + ".e31.c2ln", header + ".e30.c"}) {
        const auto parsed = parse_jws(token, listed);
        ASSERT_FALSE(parsed) << token;
        EXPECT_EQ(parsed.error().why, reason::token_malformed) << token;
    }
}

TEST(jws, the_header_is_one_strict_json_object) {
    for (const char* header :
         {"", "[]", "\"HS256\"", "null", R"({"alg":"HS256"}x)", R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"HS256","a":{"b":1,"b":2}})",
          "\xEF\xBB\xBF{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"a\":\"\xFF\"}", R"({"alg":"HS256","a":"\ud800"})"}) {
        EXPECT_EQ(verdict_of(header), reason::token_malformed) << header;
    }
}

TEST(jws, alg_must_be_a_string) {
    for (const char* header : {"{}", R"({"alg":null})", R"({"alg":256})", R"({"alg":["HS256"]})", R"({"ALG":"HS256"})"}) {
        EXPECT_EQ(verdict_of(header), reason::token_malformed) << header;
    }
}

TEST(jws, alg_must_be_listed_in_its_exact_spelling) {
    EXPECT_EQ(verdict_of(R"({"alg":"HS256"})"), reason::ok);
    for (const char* alg : {"ES256", "HS512", "hs256", "HS256 ", "", "HS257", "dir", "RSA-OAEP"}) {
        EXPECT_EQ(verdict_of(R"({"alg":")" + std::string(alg) + "\"}"), reason::algorithm_not_allowed) << alg;
    }
}

TEST(jws, none_is_refused_in_any_spelling_with_and_without_signature) {
    for (const char* alg : {"none", "None", "NONE", "nOnE", "none ", "\\u006eone"}) {
        const std::string header = R"({"alg":")" + std::string(alg) + "\"}";
        EXPECT_EQ(verdict_of(header), reason::algorithm_not_allowed) << alg;
        EXPECT_EQ(verdict_of(header, ""), reason::algorithm_not_allowed) << alg;
    }
}

TEST(jws, an_empty_signature_is_malformed) {
    EXPECT_EQ(verdict_of(R"({"alg":"HS256"})", ""), reason::token_malformed);
}

TEST(jws, crit_and_b64_are_refused_whatever_they_say) {
    for (const char* member : {R"("crit":["exp"])", R"("crit":[])", R"("b64":true)", R"("b64":false)", R"("b64":false,"crit":["b64"])"}) {
        EXPECT_EQ(verdict_of(R"({"alg":"HS256",)" + std::string(member) + "}"), reason::token_malformed) << member;
    }
}

TEST(jws, zip_changes_nothing) {
    // Of JWE (RFC 7516 section 4.1.3): in a JWS an unknown member, which is ignored (RFC 7515 section 4).
    EXPECT_EQ(verdict_of(R"({"alg":"HS256","zip":"DEF"})"), reason::ok);
}

TEST(jws, a_member_that_is_null_is_absent) {
    for (const char* member : {R"("kid":null)", R"("typ":null)", R"("crit":null)", R"("b64":null)"}) {
        EXPECT_EQ(verdict_of(R"({"alg":"HS256",)" + std::string(member) + "}"), reason::ok) << member;
    }
    EXPECT_EQ(verdict_of(R"({"alg":null})"), reason::token_malformed);
}

TEST(jws, dots_alone_are_counted_and_cost_nothing) {
    const auto parsed = parse_jws(std::string(16 * 1024, '.'), listed);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().cause, "three parts expected, found 16385");
    EXPECT_EQ(parse_jws("abc", listed).error().cause, "three parts expected, found one");
    EXPECT_EQ(parse_jws("", listed).error().cause, "three parts expected, found one");
    EXPECT_THAT(parse_jws("a.b.c.d.e", listed).error().cause, testing::HasSubstr("JWE"));
}

TEST(jws, kid_and_typ_are_strings_when_present) {
    for (const char* member : {R"("kid":1)", R"("kid":["a"])", R"("typ":1)", R"("typ":{})"}) {
        EXPECT_EQ(verdict_of(R"({"alg":"HS256",)" + std::string(member) + "}"), reason::token_malformed) << member;
    }
}

} // namespace
