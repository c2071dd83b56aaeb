#include "proxy/providers/introspection_client.hpp"

#include <gmock/gmock.h>

namespace bearward::proxy::providers {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

config::introspection_endpoint endpoint() {
    return {.provider = "opaque",
            .to = config::parse_url("https://id.test/introspect?a=1").value(),
            .client_id = "bear ward",
            .client_secret = "s:3cret/+",
            .authentication = config::client_authentication::basic,
            .timeout = std::chrono::seconds(1)};
}

TEST(introspection_question, names_the_client_in_authorization) {
    const http_request made = make_question(endpoint(), "a+b");
    EXPECT_EQ(made.method, "POST");
    EXPECT_EQ(made.to.target, "/introspect?a=1");
    EXPECT_EQ(made.body, "token=a%2Bb&token_type_hint=access_token");
    EXPECT_THAT(made.fields, Contains(Pair("Content-Type", "application/x-www-form-urlencoded")));
    // bear+ward:s%3A3cret%2F%2B
    EXPECT_THAT(made.fields, Contains(Pair("Authorization", "Basic YmVhcit3YXJkOnMlM0EzY3JldCUyRiUyQg==")));
}

TEST(introspection_question, or_in_the_body) {
    auto to = endpoint();
    to.authentication = config::client_authentication::post;
    const http_request made = make_question(to, "a");
    EXPECT_EQ(made.body, "token=a&token_type_hint=access_token&client_id=bear+ward&client_secret=s%3A3cret%2F%2B");
    EXPECT_THAT(made.fields, Not(Contains(Key("Authorization"))));
}

} // namespace
} // namespace bearward::proxy::providers
