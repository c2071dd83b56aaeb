#include "policies/rules/route.hpp"
#include "policies/rules/route_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearward::policies::rules {
namespace {

std::string stripped(std::string_view pattern, std::string_view path) {
    route made;
    made.segments = parse_pattern(pattern).value();
    return std::string(strip_prefix(made, path));
}

TEST(strip_prefix, removes_whole_segments_and_leaves_one_slash) {
    EXPECT_EQ(stripped("/api", "/api"), "/");
    EXPECT_EQ(stripped("/api", "/api/"), "/");
    EXPECT_EQ(stripped("/api", "/api/x"), "/x");
    EXPECT_EQ(stripped("/api", "/api/x/"), "/x/");
    EXPECT_EQ(stripped("/api/", "/api/x"), "/x");
    EXPECT_EQ(stripped("/api/", "/api"), "/");
    EXPECT_EQ(stripped("/api/v1", "/api/v1/x/y"), "/x/y");
    EXPECT_EQ(stripped("/tenants/{id}", "/tenants/a%2Fb/widgets"), "/widgets");
}

TEST(strip_prefix, the_root_has_nothing_to_remove) {
    EXPECT_EQ(stripped("/", "/"), "/");
    EXPECT_EQ(stripped("/", "/x/y/"), "/x/y/");
}

TEST(strip_prefix, what_is_left_never_begins_with_two_slashes) {
    EXPECT_EQ(stripped("/api", "/api//evil.example/x"), "/evil.example/x");
    EXPECT_EQ(stripped("/api", "/api///"), "/");
    EXPECT_EQ(stripped("/", "//evil.example"), "/evil.example");
}

TEST(header_changes, drops_what_is_removed_or_replaced_in_any_spelling) {
    header_changes changes;
    EXPECT_TRUE(changes.empty());
    EXPECT_FALSE(changes.drops("X-Env"));
    changes.added.push_back({"X-Env", "prod"});
    changes.removed.emplace_back("Server");
    EXPECT_FALSE(changes.empty());
    EXPECT_TRUE(changes.drops("x_env"));
    EXPECT_TRUE(changes.drops("SERVER"));
    EXPECT_FALSE(changes.drops("Servers"));
}

} // namespace
} // namespace bearward::policies::rules
