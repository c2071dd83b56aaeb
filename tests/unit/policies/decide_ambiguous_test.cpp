// Decisions on paths that servers read differently.
#include "tests/unit/policies/decide_fixture.hpp"

#include <string_view>

namespace bearward::policies {
namespace {

class ambiguous_test : public decide_test {
protected:
    ambiguous_test() {
        rules.ambiguous = requests::ambiguous_paths::allow;
        authorize("good");
    }
};

TEST_F(ambiguous_test, readings_that_agree_are_permitted) {
    add("/public");
    add("/admin").require.roles = {"admin"};
    EXPECT_EQ(permitted("/public/x%2Fy").route().name, "/public");
    EXPECT_EQ(permitted("/public/x;v=1").route().name, "/public");
    EXPECT_EQ(permitted("/public/x//../y").route().name, "/public");
}

TEST_F(ambiguous_test, readings_that_differ_in_route_are_refused) {
    add("/public");
    add("/admin").require.roles = {"admin"};
    for (const std::string_view path :
         {"/public/x%2F..%2F..%2Fadmin", "/public/..;/admin", "/public%2f../admin", "/public/..%5cadmin", "/public\\..\\..\\admin",
          "/public/%252e%252e/admin", "/public//../admin", "/public/x//../../admin", "/admin;x", "/admin%2fx", "/%2561dmin"}) {
        requests::path_scratch probe;
        if (!requests::parse_path(path, {.ambiguous = requests::ambiguous_paths::allow}, probe)) {
            continue; // climbs above the root in a lax reading
        }
        const decision made = run(path);
        const denial* refusal = std::get_if<denial>(&made);
        ASSERT_NE(refusal, nullptr) << path;
        EXPECT_TRUE(refusal->why == reason::bad_request || refusal->why == reason::role_missing) << path;
    }
    EXPECT_EQ(denied("/public/x%2F..%2F..%2Fadmin").why, reason::bad_request);
    EXPECT_EQ(denied("/public//../admin").why, reason::bad_request);
    EXPECT_EQ(denied("/x%2F..%2Fpublic").why, reason::bad_request) << "404 as it stands, a route for others";
}

TEST_F(ambiguous_test, readings_that_differ_in_a_capture_are_refused) {
    add("/t/{tenant_id}").require.tenant = rules::operand{"tenant_id", true};
    for (const std::string_view path : {"/t/t-1%2Fx", "/t/t-1;x", "/t/t-2%2F..%2Ft-1", "/t/t-1%252Fx", "/t/%2574-1"}) {
        EXPECT_EQ(denied(path).why, reason::bad_request) << path;
    }
    EXPECT_EQ(permitted("/t/t-1/x;y").why(), reason::ok);
}

TEST_F(ambiguous_test, the_reading_that_resolves_dots_before_slashes_counts_too) {
    add("/");
    add("/a/b").require.roles = {"admin"};
    EXPECT_EQ(denied("/a//../b").why, reason::bad_request);
    EXPECT_EQ(permitted("/a//../c").why(), reason::ok);
}

} // namespace
} // namespace bearward::policies
