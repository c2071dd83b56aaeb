#include "proxy/tls/server_names.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy::tls {
namespace {

TEST(server_names_test, a_name_covers_itself_in_any_case) {
    EXPECT_TRUE(covers("api.example.com", "api.example.com"));
    EXPECT_TRUE(covers("api.example.com", "API.Example.COM"));
    EXPECT_TRUE(covers("api.example.com", "api.example.com."));
    EXPECT_FALSE(covers("api.example.com", "example.com"));
    EXPECT_FALSE(covers("api.example.com", "xapi.example.com"));
    EXPECT_FALSE(covers("", ""));
}

TEST(server_names_test, a_star_stands_for_one_whole_label) {
    EXPECT_TRUE(covers("*.example.com", "a.example.com"));
    EXPECT_TRUE(covers("*.example.com", "A.EXAMPLE.com."));
    EXPECT_FALSE(covers("*.example.com", "example.com"));
    EXPECT_FALSE(covers("*.example.com", ".example.com"));
    EXPECT_FALSE(covers("*.example.com", "a.b.example.com"));
    EXPECT_FALSE(covers("a*.example.com", "ab.example.com")) << "only a label of its own";
    EXPECT_FALSE(covers("*", "com"));
}

TEST(server_names_test, the_exact_name_wins_then_the_wildcard_then_the_first) {
    const std::vector<std::vector<std::string>> names{
        {"fallback.test"}, {"*.example.com"}, {"api.example.com", "www.example.com"}, {"*.example.com", "late.test"}, {}};
    EXPECT_EQ(choose_certificate(names, "api.example.com"), 2U);
    EXPECT_EQ(choose_certificate(names, "www.example.com"), 2U);
    EXPECT_EQ(choose_certificate(names, "x.example.com"), 1U);
    EXPECT_EQ(choose_certificate(names, "late.test"), 3U);
    EXPECT_EQ(choose_certificate(names, "unknown.test"), 0U);
    EXPECT_EQ(choose_certificate(names, ""), 0U);
}

} // namespace
} // namespace bearward::proxy::tls
