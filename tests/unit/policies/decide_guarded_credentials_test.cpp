// Credentials where the app may read the path otherwise: those of both routes count.
#include "tests/unit/policies/decide_guarded_fixture.hpp"

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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
    EXPECT_EQ(leave.expires(), decided_at + 20s + rules.providers[1].rules.clock_skew);
    EXPECT_EQ(leave.closes(), leave.expires());
    EXPECT_TRUE(permitted("/x").leaves_subprotocols());
    first.auth = rules::authentication::none;
    routes.back().websocket.origins = {"https://app.example.com"};
    EXPECT_EQ(outcome("/live"), "origin_denied /Live");
    routes.back().websocket.enabled = false;
    EXPECT_EQ(outcome("/LIVE/"), "websocket_denied /Live");
}

TEST_F(guarded_test, of_two_credentials_the_first_to_expire_ends_the_socket) {
    rules::route& first = add("/");
    rules::route& other = add("/Live");
    other.providers = {1};
    other.credential_names = {rules.providers[1].names};
    const auto skew = rules.providers[0].rules.clock_skew;
    websocket = true;
    authorize("good");
    headers.push_back({"X-Token", "good"});
    struct {
        std::chrono::seconds of_first;
        std::chrono::seconds of_other;
    } static constexpr lives[]{{20s, 60s}, {60s, 20s}, {20s, 20s}};
    for (const auto& life : lives) {
        source.known["main:good"] = make_guarded_token("u-1", {"reader"}, decided_at + life.of_first);
        source.known["partners:good"] = make_guarded_token("p-1", {"reader"}, decided_at + life.of_other);
        const permit leave = permitted("/live");
        EXPECT_EQ(leave.who()->user, "u-1") << "identity is the first route's";
        EXPECT_EQ(leave.expires(), decided_at + 20s + skew);
        EXPECT_EQ(leave.closes(), leave.expires());
    }
    // Each route has its own word on whether its token ends sockets.
    source.known["main:good"] = make_guarded_token("u-1", {"reader"}, decided_at + 60s);
    routes[1].websocket.close_on_expiry = false;
    EXPECT_EQ(permitted("/live").expires(), decided_at + 20s + skew) << "the handshake itself has to be answered before";
    EXPECT_EQ(permitted("/live").closes(), decided_at + 60s + skew);
    first.websocket.close_on_expiry = false;
    EXPECT_EQ(permitted("/live").closes(), std::nullopt);
    // An expired one refuses, whichever it is.
    source.known["main:good"] = make_guarded_token("u-1", {"reader"}, decided_at - 60s);
    EXPECT_EQ(outcome("/live"), "token_expired /");
    source.known["main:good"] = make_guarded_token("u-1", {"reader"});
    source.known["partners:good"] = make_guarded_token("p-1", {"reader"}, decided_at - 60s);
    EXPECT_EQ(outcome("/live"), "token_expired /Live");
}

} // namespace
} // namespace bearward::policies
