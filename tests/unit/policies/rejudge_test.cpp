// What is open is judged again by new rules.
#include "policies/rejudge.hpp"

#include "tests/unit/policies/decide_fixture.hpp"

namespace bearward::policies {
namespace {

class rejudged : public decide_test {
protected:
    rejudged() {
        websocket = true;
        add("/");
        authorize("good");
    }
    /// The token that it was opened with.
    presented_tokens known() { return permitted("/").tokens(); }
    std::string denial_of(const presented_tokens& tokens, std::string_view path = "/", time_point at = decided_at) {
        rules.routes = rules::route_table(routes);
        requests::request_view request{.method = "GET",
                                       .path = requests::parse_path(path, {}, paths).value(),
                                       .query = query,
                                       .host = "example.com",
                                       .websocket = websocket,
                                       .headers = headers};
        source.set_now(at);
        const auto found = find_denial(request, rules, source, tokens);
        return found ? std::string(to_string(found->why)) : "none";
    }
};

TEST_F(rejudged, by_the_same_rules_nothing_is_denied) {
    EXPECT_EQ(denial_of(known()), "none");
}

TEST_F(rejudged, a_role_that_is_asked_for_now_denies) {
    const auto tokens = known();
    routes.front().require.roles = {"admin"};
    EXPECT_EQ(denial_of(tokens), "role_missing");
}

TEST_F(rejudged, a_route_that_is_gone_or_takes_no_sockets_denies) {
    const auto tokens = known();
    routes.front().websocket.enabled = false;
    EXPECT_EQ(denial_of(tokens), "websocket_denied");
    routes.clear();
    add("/other");
    EXPECT_EQ(denial_of(tokens), "no_route");
}

TEST_F(rejudged, a_token_that_no_key_verifies_now_denies) {
    const auto tokens = known();
    source.known.clear();
    EXPECT_EQ(denial_of(tokens), "signature_invalid");
}

TEST_F(rejudged, dates_were_judged_before_and_end_it_otherwise) {
    EXPECT_EQ(denial_of(known(), "/", decided_at + std::chrono::hours{1}), "none");
}

TEST_F(rejudged, keys_that_can_not_be_had_now_deny_nothing) {
    class without_keys final : public outside {
    public:
        without_keys() : outside(decided_at) {}
        verification verify(const provider&, std::string_view) override { return std::unexpected(unverified(need{})); }
    };
    const auto tokens = known();
    without_keys around;
    rules.routes = rules::route_table(routes);
    const requests::request_view request{.method = "GET",
                                         .path = requests::parse_path("/", {}, paths).value(),
                                         .host = "example.com",
                                         .websocket = true,
                                         .headers = headers};
    EXPECT_FALSE(find_denial(request, rules, around, tokens));
    EXPECT_EQ(find_denial(request, rules, around, {})->why, reason::issuer_mismatch);
}

TEST_F(rejudged, what_is_only_observed_denies_nothing) {
    const auto tokens = known();
    routes.front().require.roles = {"admin"};
    routes.front().mode = rules::enforcement::observe;
    EXPECT_EQ(denial_of(tokens), "none");
}

TEST_F(rejudged, what_is_public_now_is_denied_nobody) {
    const auto tokens = known();
    routes.front().auth = rules::authentication::none;
    EXPECT_EQ(denial_of(tokens), "none");
}

} // namespace
} // namespace bearward::policies
