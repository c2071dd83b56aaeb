// Decisions where the app may read the path otherwise: case and a final slash
// ignored, slashes kept, ambiguous forms on one route.
#include "tests/unit/policies/decide_guarded_fixture.hpp"

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(guarded_test, what_the_app_may_take_for_a_stricter_route_must_satisfy_it) {
    add("/");
    add("/admin").require.roles = {"admin"};
    add("/secret", true).require.roles = {"admin"};
    authorize("good");
    for (const std::string_view path : {"/ADMIN/users", "/Admin", "/aDMIN/", "/%41dmin"}) {
        EXPECT_EQ(outcome(path), "role_missing /admin") << path;
    }
    EXPECT_THAT(cause, HasSubstr("an app that ignores case or a final / takes it for this one's"));
    for (const std::string_view path : {"/secret/", "/SECRET", "/SECRET/"}) {
        EXPECT_EQ(outcome(path), "role_missing /secret") << path;
    }
    authorize("admin");
    EXPECT_EQ(outcome("/ADMIN/users"), "/") << "identity, headers and upstream are the first route's";
    EXPECT_EQ(outcome("/secret/"), "/");
    headers.clear();
    EXPECT_EQ(outcome("/ADMIN/users"), "token_missing /") << "the first route's refusal comes first";
}

TEST_F(guarded_test, what_both_readings_permit_is_permitted) {
    add("/");
    add("/admin").require.roles = {"admin"};
    add("/items/{id}");
    authorize("good");
    for (const std::string_view path : {"/X/Y/", "/adminx/", "/ITEMS/AbC/", "/items/AbC", "/items/%C3%89"}) {
        EXPECT_EQ(outcome(path), path.starts_with("/items") ? "/items/{id}" : "/") << path;
    }
}

TEST_F(guarded_test, a_public_route_is_public_only_where_every_reading_is) {
    add("/").require.roles = {"admin"};
    add_public("/public");
    add_public("/open");
    add("/open/Private").require.roles = {"admin"};
    EXPECT_EQ(outcome("/public/x"), "/public");
    EXPECT_EQ(outcome("/PUBLIC/x"), "token_missing /") << "its own route asks for a token";
    EXPECT_EQ(outcome("/open/private"), "token_missing /open/Private");
    authorize("good");
    EXPECT_EQ(outcome("/PUBLIC/x"), "role_missing /");
    EXPECT_EQ(outcome("/open/private"), "role_missing /open/Private");
    authorize("admin");
    const permit leave = permitted("/open/private");
    EXPECT_EQ(leave.route().name, "/open");
    EXPECT_EQ(leave.who(), nullptr) << "the first route knows nobody";
    EXPECT_THAT(leave.credentials().more_headers, ElementsAre("Authorization")) << "what the other one took is not forwarded";
}

TEST_F(guarded_test, captures_of_the_other_reading_are_those_of_its_path) {
    add("/");
    add("/Tenants/{id}", true).require.tenant = rules::operand{"id", true};
    authorize("good");
    EXPECT_EQ(outcome("/tenants/t-1/"), "/");
    EXPECT_EQ(outcome("/tenants/t-2/"), "tenant_mismatch /Tenants/{id}");
    EXPECT_EQ(outcome("/tenants/T-1"), "tenant_mismatch /Tenants/{id}") << "captures stay as they came";
}

TEST_F(guarded_test, methods_of_the_other_reading_count) {
    add("/");
    add("/admin").methods = {"GET"};
    authorize("good");
    EXPECT_EQ(outcome("/ADMIN"), "/");
    method = "POST";
    EXPECT_EQ(outcome("/admin"), "method_not_allowed");
    const decision made = run("/ADMIN");
    const auto* refused = std::get_if<denial>(&made);
    ASSERT_NE(refused, nullptr) << "what is refused as /admin isn't let through as /ADMIN";
    EXPECT_EQ(refused->why, reason::method_not_allowed);
    EXPECT_EQ(refused->route, nullptr);
    EXPECT_THAT(refused->allow, ElementsAre("GET", "HEAD"));
    EXPECT_EQ(outcome("/other"), "/");
}

TEST_F(guarded_test, no_route_is_no_route_whatever_the_other_reading_is) {
    add("/secret", true);
    authorize("good");
    EXPECT_EQ(outcome("/SECRET"), "no_route");
    EXPECT_EQ(cause, "no route for '/SECRET' on 'example.com'");
}

TEST_F(guarded_test, observed_denials_of_either_route_let_pass_and_are_told) {
    add("/");
    rules::route& admin = add("/admin");
    admin.require.roles = {"admin"};
    admin.mode = rules::enforcement::observe;
    authorize("good");
    EXPECT_EQ(permitted("/ADMIN").observed(), reason::role_missing);
    EXPECT_EQ(permitted("/x").observed(), reason::ok);
    admin.mode = rules::enforcement::enforce;
    routes.front().mode = rules::enforcement::observe;
    EXPECT_EQ(outcome("/ADMIN"), "role_missing /admin") << "the first one's mode is not the other's";
}

TEST_F(guarded_test, the_steps_of_the_other_reading_are_told) {
    add("/");
    add("/admin/{id}").require.roles = {"admin"};
    authorize("good");
    EXPECT_EQ(outcome("/ADMIN/7"), "role_missing /admin/{id}");
    std::vector<std::string> guard_notes;
    for (const step& each : told.steps()) {
        if (each.check == "guard") {
            guard_notes.push_back(each.note);
        }
    }
    EXPECT_THAT(guard_notes,
                ElementsAre("with case and one final / ignored the path reaches this route too, which must permit as well; {id} is 7"));
    EXPECT_EQ(told.steps().back().why, reason::role_missing);
    EXPECT_EQ(outcome("/x"), "/");
    EXPECT_TRUE(std::ranges::none_of(told.steps(), [](const step& each) { return each.check == "guard"; }));
}

TEST_F(guarded_test, each_reading_of_an_ambiguous_path_is_guarded) {
    rules.ambiguous = requests::ambiguous_paths::allow;
    rules.path_reading.ambiguous = requests::ambiguous_paths::allow;
    add("/");
    add("/a/admin").require.roles = {"admin"};
    authorize("good");
    EXPECT_EQ(outcome("/a/ADMIN%2Fx"), "role_missing /a/admin");
    EXPECT_EQ(outcome("/a%2FADMIN"), "role_missing /a/admin") << "only in the second reading";
    EXPECT_EQ(outcome("/a%2Fadmin"), "bad_request");
    EXPECT_EQ(outcome("/a%2FB"), "/");
}

TEST_F(guarded_test, a_table_that_ignores_needs_no_second_reading) {
    compared = ignoring_both;
    add("/secret", true).require.roles = {"admin"};
    authorize("admin");
    EXPECT_EQ(outcome("/Secret/"), "/secret");
    authorize("good");
    EXPECT_EQ(outcome("/Secret/"), "role_missing /secret");
    compared = {};
    guard = {};
    EXPECT_EQ(outcome("/Secret/"), "no_route");
}

// --- ambiguous paths on one route, slashes as they came --------------------------------

TEST_F(guarded_test, one_route_alone_may_take_ambiguous_paths) {
    rules.path_reading.ambiguous = requests::ambiguous_paths::allow;
    add("/");
    add("/npm").ambiguous = requests::ambiguous_paths::allow;
    add("/npm/-/{name}").ambiguous = requests::ambiguous_paths::allow;
    authorize("good");
    EXPECT_EQ(outcome("/npm/@scope%2fname"), "/npm");
    EXPECT_EQ(request.path.path, "/npm/@scope%2Fname");
    EXPECT_EQ(outcome("/npm/a;b"), "/npm");
    for (const std::string_view path :
         {"/x%2fy", "/x;y", "/npm%2fx", "/npm/..%2fx", "/npm/-/a%2Fb", "/npm/%2e%2e%2f%2e%2e%2fx/y", "/x%2fy/../z"}) {
        requests::path_scratch probe;
        if (requests::parse_path(path, rules.path_reading, probe)) {
            EXPECT_EQ(outcome(path), "bad_request") << path;
        }
    }
    EXPECT_EQ(outcome("/x%2fy"), "bad_request");
    EXPECT_EQ(cause, "the path reads as '/x%2Fy' and as '/x/y'");
    // The other way about: one route that doesn't take them.
    rules.ambiguous = requests::ambiguous_paths::allow;
    routes[1].ambiguous = requests::ambiguous_paths::reject;
    EXPECT_EQ(outcome("/x%2fy"), "/");
    EXPECT_EQ(outcome("/npm/@scope%2fname"), "bad_request");
}

TEST_F(guarded_test, slashes_that_stay_are_judged_in_both_readings) {
    rules.path_reading.merge_slashes = false;
    add("/");
    add("/admin").require.roles = {"admin"};
    add("/t/{id}").require.tenant = rules::operand{"id", true};
    authorize("good");
    EXPECT_EQ(outcome("/proxy/https://e.test/a"), "/");
    EXPECT_EQ(request.path.path, "/proxy/https://e.test/a");
    for (const std::string_view path : {"//admin/x", "//host/admin/x", "///admin", "/t//t-1", "/x/..//admin"}) {
        EXPECT_EQ(outcome(path), "bad_request") << path;
    }
    EXPECT_EQ(outcome("//admin/x"), "bad_request");
    EXPECT_EQ(cause, "the path reads as '//admin/x' and as '/admin/x'");
    EXPECT_EQ(outcome("/admin//x"), "role_missing /admin");
    EXPECT_EQ(outcome("/x//ADMIN"), "/");
    EXPECT_EQ(outcome("//ADMIN/x"), "role_missing /admin") << "guarded in each reading";
    EXPECT_EQ(outcome("/t/t-1//x//"), "/t/{id}");
}

} // namespace
} // namespace bearward::policies
