// Who is answered with the metadata of a resource, and which refusals lead there.
#include "decide_fixture.hpp"

#include "policies/explanation.hpp"
#include "policies/resource_metadata.hpp"

#include <gmock/gmock.h>

namespace bearward::policies {
namespace {

const std::string base = std::string(resource_metadata_path);

class resource_metadata_test : public decide_test {
protected:
    resource_metadata_test() {
        rules.resources = {
            {.host = "example.com", .path = base, .url = "https://example.com" + base, .document = "{}"},
            {.host = "example.com", .path = base + "/mcp", .url = "https://example.com" + base + "/mcp", .document = R"({"a":1})"},
            {.host = "other.example", .path = base + "/x", .url = "https://other.example" + base + "/x", .document = R"({"b":1})"}};
        add("/");
    }

    /// The document, or empty where the request goes to the routes.
    std::string document(std::string_view path) {
        const decision made = run(path);
        const auto* const told = std::get_if<metadata_request>(&made);
        return told == nullptr ? std::string() : told->wanted->document;
    }
};

TEST_F(resource_metadata_test, is_answered_before_any_route_and_without_a_credential) {
    EXPECT_EQ(document(base), "{}");
    EXPECT_EQ(document(base + "/mcp"), R"({"a":1})");
    method = "HEAD";
    EXPECT_EQ(document(base), "{}");
    authorize("forged");
    EXPECT_EQ(document(base), "{}");
    add(base).require.roles = {"admin"};
    EXPECT_EQ(document(base), "{}");
}

TEST_F(resource_metadata_test, other_methods_go_to_the_routes) {
    for (const char* other : {"POST", "PUT", "DELETE", "OPTIONS", "GETS"}) {
        method = other;
        EXPECT_EQ(document(base), "") << other;
        EXPECT_EQ(denied(base).why, reason::token_missing) << other;
    }
}

TEST_F(resource_metadata_test, other_paths_and_hosts_go_to_the_routes) {
    EXPECT_EQ(document(base + "/"), "");
    EXPECT_EQ(document(base + "/mcp/x"), "");
    EXPECT_EQ(document(base + "/MCP"), "");
    EXPECT_EQ(document(base + "x"), "");
    EXPECT_EQ(document(base + "/x"), "") << "another host's";
    EXPECT_EQ(document("/"), "");
}

TEST_F(resource_metadata_test, a_path_is_compared_as_routes_compare_it) {
    EXPECT_EQ(document("/x/../%2Ewell-known//oauth-protected-resource/%6Dcp"), R"({"a":1})");
    rules.ambiguous = requests::ambiguous_paths::allow;
    EXPECT_EQ(document(base + ";x"), "");
    EXPECT_EQ(document(base + "%2Fmcp"), "");
    EXPECT_EQ(document("/.well-known%5Coauth-protected-resource"), "");
}

TEST_F(resource_metadata_test, a_handshake_is_answered_like_any_get) {
    websocket = true;
    EXPECT_EQ(document(base), "{}");
}

TEST_F(resource_metadata_test, an_explanation_says_so) {
    requests::request_view request;
    request.method = "GET";
    request.path = {.path = base};
    request.host = "example.com";
    explanation told;
    (void)decide(request, rules, source, on_need::tell, scratch, &told);
    ASSERT_EQ(told.steps().size(), 1U);
    EXPECT_EQ(told.steps().front().check, "resource metadata");
}

} // namespace
} // namespace bearward::policies
