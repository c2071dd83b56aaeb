// Decisions on the opening handshakes of WebSockets.
#include "tests/unit/policies/decide_fixture.hpp"

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(decide_test, a_handshake_has_places_of_its_own) {
    add("/");
    query = "access_token=good&x";
    EXPECT_EQ(denied("/").why, reason::token_missing);
    websocket = true;
    EXPECT_EQ(permitted("/").query(), "x");
    query.clear();
    offer("chat, bearer, good");
    const permit leave = permitted("/");
    EXPECT_THAT(leave.credentials().subprotocols.forwarded, ElementsAre("chat"));
    EXPECT_EQ(leave.credentials().subprotocols.marker, "bearer");
    routes[0].websocket.token_from = {.header = true, .query = false, .subprotocol = false};
    EXPECT_EQ(denied("/").why, reason::token_missing);
}

TEST_F(decide_test, a_refused_handshake_knows_what_was_offered) {
    add("/").require.roles = {"admin"};
    offer("chat, bearer, good");
    const denial refusal = denied("/");
    EXPECT_EQ(refusal.why, reason::role_missing);
    EXPECT_EQ(refusal.subprotocols.marker, "bearer");
    EXPECT_EQ(refusal.subprotocols.token_entry, "good");
    EXPECT_EQ(refusal.subprotocols.first, "chat");
    headers.clear();
    offer("chat, bearer");
    const denial malformed = denied("/");
    EXPECT_EQ(malformed.why, reason::token_malformed);
    EXPECT_EQ(malformed.subprotocols.marker, "bearer");
    headers.clear();
    offer("chat");
    EXPECT_EQ(denied("/").subprotocols.first, "chat");
}

TEST_F(decide_test, where_websockets_are_off_handshakes_are_denied_and_requests_are_not) {
    add("/").websocket.enabled = false;
    add("/public").auth = rules::authentication::none;
    routes[1].websocket.enabled = false;
    authorize("good");
    EXPECT_EQ(permitted("/").why(), reason::ok);
    websocket = true;
    EXPECT_EQ(denied("/").why, reason::websocket_denied);
    EXPECT_EQ(denied("/public").why, reason::websocket_denied);
    EXPECT_THAT(source.asked, ElementsAre("main:good"));
}

TEST_F(decide_test, a_permit_tells_when_its_token_ends_whatever_sockets_do) {
    add("/").websocket.close_on_expiry = false;
    authorize("good");
    EXPECT_NE(permitted("/").expires(), std::nullopt) << "a token that expires before the 101 is refused all the same";
    EXPECT_EQ(permitted("/").closes(), std::nullopt);
    routes[0].websocket.close_on_expiry = true;
    EXPECT_EQ(permitted("/").closes(), permitted("/").expires());
    rules.providers[0].rules.require_expiry = false;
    source.known["main:good"] = make_token("u-1", "t-1", {}, std::nullopt);
    EXPECT_EQ(permitted("/").expires(), std::nullopt);
}

TEST_F(decide_test, a_handshake_must_come_from_one_of_the_origins) {
    add("/").websocket.origins = {"https://app.example.com", "null"};
    authorize("good");
    EXPECT_EQ(permitted("/").why(), reason::ok) << "ordinary requests have no such rule";
    websocket = true;
    EXPECT_EQ(denied("/").why, reason::origin_denied) << "none at all";
    headers.push_back({"Origin", "https://evil.example"});
    EXPECT_EQ(denied("/").why, reason::origin_denied);
    headers.back().value = "HTTPS://App.Example.com";
    EXPECT_EQ(permitted("/").why(), reason::ok);
    headers.back().value = "null";
    EXPECT_EQ(permitted("/").why(), reason::ok);
}

TEST_F(decide_test, the_origin_is_judged_before_the_credential_and_on_public_routes_too) {
    rules::route& open = add("/open");
    open.auth = rules::authentication::none;
    open.websocket.origins = {"https://app.example.com"};
    add("/").websocket.origins = {"https://app.example.com"};
    headers = {{"Origin", "https://evil.example"}};
    offer("bearer, good");
    EXPECT_EQ(denied("/").why, reason::origin_denied);
    EXPECT_THAT(source.asked, IsEmpty());
    EXPECT_EQ(denied("/").subprotocols.marker, "bearer") << "for the echo of a close";
    EXPECT_EQ(denied("/open").why, reason::origin_denied);
    headers.front().value = "https://app.example.com";
    EXPECT_EQ(permitted("/open").why(), reason::public_route);
}

} // namespace
} // namespace bearward::policies
