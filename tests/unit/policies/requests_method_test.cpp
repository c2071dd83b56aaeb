#include "policies/requests/method.hpp"

#include <gtest/gtest.h>

namespace bearward::policies::requests {
namespace {

TEST(method, is_known_in_its_exact_spelling_only) {
    EXPECT_EQ(classify_method("GET"), method::get);
    EXPECT_EQ(classify_method("DELETE"), method::delete_);
    EXPECT_EQ(classify_method("PATCH"), method::patch);
    for (const auto* name : {"", "get", "GETT", "GE", "PROPFIND", "other", "GET\n", "\"} 1"}) {
        EXPECT_EQ(classify_method(name), method::other) << name;
    }
}

TEST(method, may_be_sent_again_where_rfc_9110_says_so) {
    for (const auto* name : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"}) {
        EXPECT_TRUE(is_idempotent(name)) << name;
    }
    for (const auto* name : {"POST", "PATCH", "CONNECT", "PROPFIND", "get"}) {
        EXPECT_FALSE(is_idempotent(name)) << name;
    }
}

TEST(method, two_are_always_refused) {
    for (const method_row& each : method_table) {
        EXPECT_EQ(is_refused(each.word), each.word == "TRACE" || each.word == "CONNECT") << each.word;
    }
    EXPECT_FALSE(is_refused("PROPFIND"));
}

TEST(method, a_list_with_get_has_head_too) {
    EXPECT_TRUE(lets_through("GET", "GET"));
    EXPECT_TRUE(lets_through("GET", "HEAD"));
    EXPECT_FALSE(lets_through("HEAD", "GET"));
    EXPECT_FALSE(lets_through("POST", "HEAD"));
    EXPECT_TRUE(lets_through("PROPFIND", "PROPFIND"));
}

} // namespace
} // namespace bearward::policies::requests
