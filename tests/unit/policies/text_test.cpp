#include "policies/text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace bearward::policies {
namespace {

std::string masked(std::string_view text) {
    std::string out;
    append_masked(out, text);
    EXPECT_EQ(holds_token(text), out != text) << text;
    return out;
}

TEST(text_masks, a_jws_wherever_it_stands) {
    EXPECT_EQ(masked("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"), "***");
    EXPECT_EQ(masked("/reset/eyJh.eyJz.c2ln/now"), "/reset/***/now");
    EXPECT_EQ(masked("token=eyJh.eyJz.c2ln&x=1"), "token=***&x=1");
    EXPECT_EQ(masked("two: eyJa.b.c, eyJd.e.f."), "two: ***, ***");
}

TEST(text_masks, separators_and_letters_that_are_escaped) {
    EXPECT_EQ(masked("a=eyJh%2EeyJz%2ec2ln;b"), "a=***;b");
    EXPECT_EQ(masked("%65yJh.eyJz.c2ln"), "***");
    EXPECT_EQ(masked("e%79Jh.eyJz.c2ln"), "***");
    EXPECT_EQ(masked("ey%4Ah.e.c"), "***");
    EXPECT_EQ(masked("Bearer%20eyJh.eyJz.c2ln"), "Bearer%20***");
    EXPECT_EQ(masked("eyJh.e%5Fz.c%2Dn!"), "***!");
}

TEST(text_masks, more_parts_and_empty_ones) {
    EXPECT_EQ(masked("eyJh..iv.text.tag"), "***"); // JWE with a direct key
    EXPECT_EQ(masked("eyJh.eyJz."), "***");        // no signature
    EXPECT_EQ(masked("x_eyJh.eyJz.c2ln"), "x_***");
}

TEST(text_masks, nothing_else) {
    for (const char* text :
         {"", "/", "eyJ", "eyJh.eyJz", "a.b.c", "EYJh.a.b", "/v1.2.3/x", "eyJh/eyJz.x", "%", "100%25", "%zzeyJ", "eyJh%2", "eyJa.b%2F.c"}) {
        EXPECT_EQ(masked(text), text);
    }
}

TEST(text_masks, an_api_key_wherever_it_stands) {
    const std::string key = "bwk_" + std::string(43, 'A');
    const auto masked = [](const std::string& text) {
        std::string out;
        append_masked(out, text);
        EXPECT_EQ(holds_token(text), out != text) << text;
        return out;
    };
    EXPECT_EQ(masked("/x/" + key + "/y?a=" + key + "&b"), "/x/***/y?a=***&b");
    EXPECT_EQ(masked("x" + key + "more"), "x***") << "letters before and after it may be its own";
    EXPECT_EQ(masked("%62wk_" + std::string(30, 'A') + "%41AAAAAAAAAAAA-"), "***") << "letters may be escaped";
    EXPECT_EQ(masked("bwk_" + std::string(16, 'A')), "***") << "a good part of one is too much";
    EXPECT_EQ(masked("bwk_" + std::string(15, 'A') + ".A"), "bwk_" + std::string(15, 'A') + ".A");
    EXPECT_EQ(masked("bwk_ and bwk_short"), "bwk_ and bwk_short");
    EXPECT_EQ(masked("eyJ" + key), "eyJ***") << "also inside of what could have been a token";
    EXPECT_EQ(masked("eyJ." + key + ".c"), "***");
    EXPECT_EQ(masked(key + "eyJ.b.c and eyJ.b.c, " + key), "*** and ***, ***") << "a token that begins inside of one ends it";
}

TEST(text_masks, in_linear_time) {
    std::string text;
    while (text.size() < std::size_t{1} << 20U) {
        text += "eyJ";
    }
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(holds_token(text));
    EXPECT_FALSE(holds_token(text + "%"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(text_masks, many_of_them_in_linear_time) {
    std::string text;
    while (text.size() < std::size_t{1} << 17U) {
        text += "eyJ.. bwk_short ";
    }
    const auto start = std::chrono::steady_clock::now();
    std::string masked;
    append_masked(masked, text);
    append_masked(masked, text + "bwk_AAAAAAAAAAAAAAAAAAAA");
    EXPECT_EQ(masked.find("eyJ"), std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(text_quotes, what_a_client_chose) {
    EXPECT_EQ(in_quotes("plain text"), "'plain text'");
    EXPECT_EQ(in_quotes(""), "''");
    EXPECT_EQ(in_quotes("it's a \\"), "'it\\'s a \\\\'");
    EXPECT_EQ(in_quotes(std::string_view("a\0b\r\n\x1B[31m\x7F\xC3\xA9", 13)), "'a\\x00b\\x0D\\x0A\\x1B[31m\\x7F\\xC3\\xA9'");
}

TEST(text_quotes, at_most_64_bytes_and_no_token) {
    EXPECT_EQ(in_quotes(std::string(64, 'x')), "'" + std::string(64, 'x') + "'");
    EXPECT_EQ(in_quotes(std::string(65, 'x')), "'" + std::string(64, 'x') + "'...");
    EXPECT_EQ(in_quotes(std::string(64, '\n')), "'\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A\\x0A'...");
    EXPECT_EQ(in_quotes("Bearer eyJh." + std::string(200, 'p') + ".s end"), "'Bearer *** end'");
}

TEST(text_causes, are_bounded) {
    std::string cause(256, 'x');
    bound_cause(cause);
    EXPECT_EQ(cause, std::string(256, 'x'));
    cause += 'y';
    bound_cause(cause);
    EXPECT_EQ(cause, std::string(253, 'x') + "...");
    cause = std::string(252, 'x') + "\xC3\xA9 and more";
    bound_cause(cause);
    EXPECT_EQ(cause, std::string(252, 'x') + "...");
    cause = "kid eyJh.eyJz.c2ln";
    bound_cause(cause);
    EXPECT_EQ(cause, "kid ***");
}

TEST(text, a_list_has_commas_between_its_entries) {
    EXPECT_EQ(listed(std::vector<std::string>{}), "");
    EXPECT_EQ(listed(std::vector<std::string>{"a"}), "a");
    EXPECT_EQ(listed(std::vector<std::string>{"a", "b", "c"}), "a, b, c");
    EXPECT_EQ(listed(std::vector<std::string>{"a", "b"}, [](const std::string& each) { return "<" + each + ">"; }), "<a>, <b>");
}

} // namespace
} // namespace bearward::policies
