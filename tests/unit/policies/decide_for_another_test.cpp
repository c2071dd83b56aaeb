// Requests that another proxy asks about: decided as its own, but for what only who answers the client can do.
#include "decide_fixture.hpp"

namespace bearward::policies {
namespace {

class for_another_test : public decide_test {
protected:
    decision ask(std::string_view path, std::string_view asked = {}) {
        rules.routes = rules::route_table(routes);
        rules.has_preflights = true;
        requests::request_view request;
        request.method = method;
        request.path = requests::parse_path(path, {}, paths).value();
        request.host = "example.com";
        if (!asked.empty()) {
            headers = {{"Origin", "https://app.test"}, {"Access-Control-Request-Method", asked}};
        }
        request.headers = headers;
        request.trusted_peer = true;
        request.for_another = true;
        return decide(request, rules, source, on_need::tell, scratch);
    }
};

TEST_F(for_another_test, preflights_are_the_apps_to_answer) {
    auto common = std::make_shared<requests::cors_rules>();
    common->origins = {requests::parse_accepted_origin("https://app.test").value()};
    add("/x").cors = {.use = requests::cors_use::rules, .rules = common};
    add("/off");
    method = "OPTIONS";
    const decision made = ask("/x", "PUT");
    const auto* const leave = std::get_if<permit>(&made);
    ASSERT_NE(leave, nullptr);
    EXPECT_TRUE(leave->preflight());
    EXPECT_EQ(leave->who(), nullptr);
    EXPECT_EQ(std::get<denial>(ask("/off", "PUT")).why, reason::token_missing);
}

TEST_F(for_another_test, metadata_is_not_answered_there) {
    add("/");
    rules.resources = {{.host = "example.com", .path = std::string(resource_metadata_path), .url = "u", .document = "{}"}};
    EXPECT_EQ(std::get<denial>(ask(resource_metadata_path)).why, reason::token_missing);
}

TEST_F(for_another_test, requirements_hold_as_ever) {
    add("/admin").require.roles = {"admin"};
    authorize("good");
    EXPECT_EQ(std::get<denial>(ask("/admin")).why, reason::role_missing);
    authorize("admin");
    EXPECT_TRUE(std::holds_alternative<permit>(ask("/admin")));
}

} // namespace
} // namespace bearward::policies
