// Decisions where the app may read the path otherwise: case and a final slash
// ignored, slashes kept, ambiguous forms on one route.
#include "policies/decide.hpp"
#include "policies/explanation.hpp"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};
constexpr rules::path_comparison both{.ignore_case = true, .ignore_final_slash = true};

class table_source final : public outside {
public:
    table_source() : outside(policies::now) {}
    verification verify(const provider& by, std::string_view token) override {
        const auto found = known.find(by.rules.provider + ":" + std::string(token));
        if (found == known.end()) {
            return std::unexpected(refusal(reason::signature_invalid));
        }
        return found->second;
    }
    std::map<std::string, tokens::verified_token_ptr> known;
};

tokens::verified_token_ptr make_token(std::string user, std::vector<std::string> roles, time_point expires = now + 60s) {
    tokens::verified_token made;
    made.who.provider = "main";
    made.who.user = std::move(user);
    made.who.tenant = "t-1";
    made.who.roles = std::move(roles);
    made.expires = made.who.expires = expires;
    return std::make_shared<const tokens::verified_token>(std::move(made));
}

class guarded_test : public ::testing::Test {
protected:
    guarded_test() {
        rules.providers.emplace_back().rules.provider = "main";
        rules.providers.emplace_back().rules.provider = "partners";
        rules.providers.back().names = {.header = "X-Token", .query_parameter = "key"};
        source.known["main:good"] = make_token("u-1", {"reader"});
        source.known["main:admin"] = make_token("u-2", {"admin"});
        source.known["partners:good"] = make_token("p-1", {"reader"}, now + 20s);
        routes.reserve(16);
    }

    rules::route& add(std::string_view pattern, bool exact = false) {
        rules::route made;
        made.name = made.pattern = pattern;
        made.segments = rules::parse_pattern(pattern).value();
        made.exact = exact;
        made.providers = {0};
        made.credential_names = {requests::credential_names{}};
        routes.push_back(std::move(made));
        return routes.back();
    }
    rules::route& add_public(std::string_view pattern, bool exact = false) {
        rules::route& made = add(pattern, exact);
        made.auth = rules::authentication::none;
        return made;
    }

    void authorize(std::string_view token) {
        authorization = "Bearer " + std::string(token);
        headers = {{"Authorization", authorization}};
    }

    decision run(std::string_view path) {
        rules.routes = rules::route_table(routes, compared, guard);
        request.method = method;
        const auto parsed = requests::parse_path(path, rules.path_reading, paths);
        EXPECT_TRUE(parsed) << path;
        request.path = parsed.value_or(requests::canonical_path{});
        request.query = query;
        request.host = "example.com";
        request.websocket = websocket;
        request.headers = headers;
        told = {};
        return decide(request, rules, source, on_need::tell, scratch, &told);
    }

    /// "ROUTE" where it is permitted, else "REASON ROUTE".
    std::string outcome(std::string_view path) {
        const decision made = run(path);
        if (const auto* leave = std::get_if<permit>(&made)) {
            return leave->route().name;
        }
        const auto& refused = std::get<denial>(made);
        cause = refused.cause;
        return std::string(to_string(refused.why)) + (refused.route == nullptr ? "" : " " + refused.route->name);
    }

    permit permitted(std::string_view path) {
        decision made = run(path);
        if (const denial* refused = std::get_if<denial>(&made)) {
            throw std::runtime_error("denied: " + std::string(to_string(refused->why)));
        }
        return std::get<permit>(std::move(made));
    }

    std::vector<rules::route> routes;
    rules::path_comparison compared;
    rules::path_comparison guard = both;
    snapshot rules;
    table_source source;
    std::vector<requests::header> headers;
    std::string authorization;
    std::string query;
    std::string_view method = "GET";
    bool websocket = false;
    requests::request_view request;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
    explanation told;
    std::string cause;
};

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

TEST_F(guarded_test, credentials_that_only_the_other_route_asks_for_are_removed) {
    rules::route& first = add("/");
    rules::route& other = add("/Feed");
    other.providers = {1};
    other.credential_names = {rules.providers[1].names};
    other.token_from.query = true;
    authorize("good");
    headers.push_back({"X-Token", "good"});
    query = "a=1&key=good&b=2";
    permit leave = permitted("/feed");
    EXPECT_EQ(leave.who()->user, "u-1") << "identity is the first route's";
    EXPECT_EQ(leave.token_header(), "Authorization");
    EXPECT_THAT(leave.credentials().more_headers, ElementsAre("X-Token"));
    EXPECT_EQ(leave.query(), "a=1&b=2");
    query = "key=good";
    EXPECT_EQ(permitted("/feed").query(), "");
    query = "key=other";
    EXPECT_EQ(outcome("/feed"), "token_multiple /Feed") << "the other route's places are judged as its own";
    query = "a=1&key=good";
    routes.back().forward_token = true;
    leave = permitted("/feed");
    EXPECT_EQ(leave.query(), query) << "the other one leaves tokens in";
    EXPECT_THAT(leave.credentials().more_headers, IsEmpty());
    routes.back().forward_token = false;
    // Where the first route looks itself, its own word counts.
    first.token_from.query = true;
    first.providers = {0, 1};
    first.credential_names = {rules.providers[0].names, rules.providers[1].names};
    first.forward_token = true;
    headers = {{"X-Token", "good"}};
    query = "key=good";
    leave = permitted("/feed");
    EXPECT_EQ(leave.query(), query);
    EXPECT_THAT(leave.credentials().more_headers, IsEmpty());
}

TEST_F(guarded_test, handshakes_are_judged_and_end_with_the_first_token_to_expire) {
    rules::route& first = add_public("/");
    rules::route& other = add("/Live");
    other.providers = {1};
    other.credential_names = {rules.providers[1].names};
    websocket = true;
    EXPECT_EQ(outcome("/live"), "token_missing /Live");
    headers = {{"Sec-WebSocket-Protocol", "chat, bearer, good"}};
    const permit leave = permitted("/live");
    EXPECT_EQ(leave.route().name, "/");
    EXPECT_FALSE(leave.leaves_subprotocols());
    EXPECT_THAT(leave.credentials().subprotocols.forwarded, ElementsAre("chat"));
    EXPECT_EQ(leave.expires(), now + 20s + rules.providers[1].rules.clock_skew);
    EXPECT_EQ(leave.closes(), leave.expires());
    EXPECT_TRUE(permitted("/x").leaves_subprotocols());
    first.auth = rules::authentication::none;
    routes.back().websocket.origins = {"https://app.example.com"};
    EXPECT_EQ(outcome("/live"), "origin_denied /Live");
    routes.back().websocket.enabled = false;
    EXPECT_EQ(outcome("/LIVE/"), "websocket_denied /Live");
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
    compared = both;
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
