#include "policies/tokens/revocation_list.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearward::policies::tokens {
namespace {

TEST(revocation_list, names_tokens_users_and_tenants_apart) {
    const auto list = parse_revocation_list("jti:t-1\nuser:u-1\ntenant:acme\n");
    ASSERT_TRUE(list.has_value());
    EXPECT_EQ(list->size(), 3U);
    EXPECT_TRUE(list->revokes("t-1", "", ""));
    EXPECT_TRUE(list->revokes("", "u-1", ""));
    EXPECT_TRUE(list->revokes("t-9", "u-9", "acme"));
    EXPECT_FALSE(list->revokes("u-1", "acme", "t-1"));
    EXPECT_FALSE(list->revokes("T-1", "U-1", "Acme")) << "compared byte for byte";
}

TEST(revocation_list, what_a_credential_does_not_say_is_never_listed) {
    const auto list = parse_revocation_list("jti:a\nuser:b\ntenant:c\n");
    ASSERT_TRUE(list.has_value());
    EXPECT_FALSE(list->revokes("", "", ""));
    EXPECT_FALSE(revocation_list{}.revokes("", "", ""));
}

TEST(revocation_list, comments_blank_lines_and_outer_white_space_count_for_nothing) {
    const auto list = parse_revocation_list("# stolen laptops\r\n\r\n  \t\n \tuser: jane doe \r\n   # more\njti:urn:uuid:1#2");
    ASSERT_TRUE(list.has_value()) << list.error().what;
    EXPECT_EQ(list->size(), 2U);
    EXPECT_TRUE(list->revokes("", "jane doe", ""));
    EXPECT_TRUE(list->revokes("urn:uuid:1#2", "", "")) << "an ID may hold colons, and # inside of it";
    EXPECT_EQ(parse_revocation_list("")->size(), 0U);
    EXPECT_EQ(parse_revocation_list("\n\n")->size(), 0U);
}

TEST(revocation_list, a_malformed_line_is_named) {
    struct bad_list {
        std::string text;
        std::size_t line;
    };
    for (const auto& [text, line] :
         {bad_list{"u-1\n", 1}, bad_list{"jti:a\n\n# b\nUser:c\n", 4}, bad_list{"jti:a\nuser:\n", 2}, bad_list{"tenant:  \t", 1},
          bad_list{":a", 1}, bad_list{"jti", 1}, bad_list{"jti :a", 1}, bad_list{"sub:a", 1}, bad_list{std::string("user:a\0b", 8), 1},
          bad_list{"user:a\tb", 1}, bad_list{"\xEF\xBB\xBFuser:a", 1}}) {
        const auto list = parse_revocation_list(text);
        ASSERT_FALSE(list.has_value()) << text;
        EXPECT_EQ(list.error().line, line) << text;
        EXPECT_FALSE(list.error().what.empty());
    }
}

} // namespace
} // namespace bearward::policies::tokens
