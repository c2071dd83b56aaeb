// How long an answer says that it is fresh.
#include "proxy/providers/cache_control.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearward::proxy::providers {
namespace {

using namespace std::chrono_literals;

TEST(freshness, is_what_max_age_says) {
    EXPECT_EQ(freshness("max-age=60", ""), 60s);
    EXPECT_EQ(freshness("public, max-age=60, must-revalidate", ""), 60s);
    EXPECT_EQ(freshness(" \tMax-Age = 60 ,public", ""), 60s);
    EXPECT_EQ(freshness("max-age=\"60\"", ""), 60s);
    EXPECT_EQ(freshness(",,max-age=60,", ""), 60s);
    EXPECT_EQ(freshness("max-age=60, max-age=3600", ""), 60s) << "the first counts";
}

TEST(freshness, is_less_by_the_age) {
    EXPECT_EQ(freshness("max-age=60", "20"), 40s);
    EXPECT_EQ(freshness("max-age=60", " 60 "), 0s);
    EXPECT_EQ(freshness("max-age=60", "999999999999999999999999"), 0s);
    EXPECT_EQ(freshness("max-age=60", "soon"), 60s);
    EXPECT_EQ(freshness("max-age=60", "-5"), 60s);
}

TEST(freshness, is_unknown_where_it_is_not_said_or_not_to_be_read) {
    for (const char* text : {"", "public", "max-age", "max-age=", "max-age=soon", "max-age=-1", "max-age=1.5", "max-age=+1", "max-age=0x10",
                             "x-max-age=60", "max-age=\"60", "s-maxage=60"}) {
        EXPECT_EQ(freshness(text, ""), std::nullopt) << text;
    }
}

TEST(freshness, of_what_is_not_to_be_kept_says_nothing_of_keys) {
    for (const char* text :
         {"no-store", "no-cache", "max-age=0", "max-age=60, no-store", "NO-CACHE, max-age=60", "private, no-cache=\"x\""}) {
        EXPECT_EQ(freshness(text, ""), std::nullopt) << text;
    }
}

TEST(freshness, is_a_year_at_most) {
    EXPECT_EQ(freshness("max-age=99999999999", ""), 31'536'000s);
    EXPECT_EQ(freshness("max-age=" + std::string(100, '9'), ""), 31'536'000s);
}

} // namespace
} // namespace bearward::proxy::providers
