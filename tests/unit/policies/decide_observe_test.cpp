// `mode: observe_all`: what is refused for its credential is noted and passes as it
// came; everything else is enforced.
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
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};

class table_source final : public outside {
public:
    table_source() : outside(policies::now) {}
    verification verify(const provider&, std::string_view token) override {
        const auto found = known.find(std::string(token));
        if (found == known.end()) {
            return std::unexpected(refusal(unknown, "why exactly"));
        }
        return found->second;
    }
    std::map<std::string, tokens::verified_token_ptr> known;
    reason unknown = reason::signature_invalid;
};

tokens::verified_token_ptr make_token(std::string user, time_point expires) {
    tokens::verified_token made;
    made.who.provider = "main";
    made.who.user = std::move(user);
    made.who.tenant = "t-1";
    made.who.roles = {"reader"};
    made.expires = made.who.expires = expires;
    return std::make_shared<const tokens::verified_token>(std::move(made));
}

class observe_all : public ::testing::Test {
protected:
    observe_all() {
        rules.providers.emplace_back().rules.provider = "main";
        source.known["good"] = make_token("u-1", now + 60s);
        source.known["old"] = make_token("u-1", now - 60s);
    }

    /// Routes are given their final form before the first decision.
    rules::route& add(std::string_view pattern, rules::enforcement mode = rules::enforcement::observe_all) {
        rules::route made;
        made.name = made.pattern = pattern;
        made.segments = rules::parse_pattern(pattern).value();
        made.providers = {0};
        made.credential_names = {requests::credential_names{}};
        made.token_from.query = true;
        made.mode = mode;
        routes.push_back(std::move(made));
        return routes.back();
    }

    decision run(std::string_view path = "/") {
        rules.routes = rules::route_table(routes, {}, {.ignore_case = true, .ignore_final_slash = true});
        requests::request_view request;
        request.method = "GET";
        request.path = requests::parse_path(path, {}, paths).value();
        request.query = query;
        request.host = "example.com";
        request.websocket = websocket;
        request.headers = headers;
        return decide(request, rules, source, on_need::tell, scratch, &told);
    }
    permit permitted(std::string_view path = "/") {
        decision made = run(path);
        if (const denial* refusal = std::get_if<denial>(&made)) {
            throw std::runtime_error("denied: " + std::string(to_string(refusal->why)));
        }
        return std::get<permit>(std::move(made));
    }
    reason refusal(std::string_view path = "/") {
        const decision made = run(path);
        const denial* refused = std::get_if<denial>(&made);
        return refused == nullptr ? reason::ok : refused->why;
    }

    /// Nothing of who it may be, and all that may be a credential.
    void expect_untouched(const permit& leave) const {
        EXPECT_EQ(leave.why(), reason::anonymous);
        EXPECT_EQ(leave.who(), nullptr);
        EXPECT_EQ(leave.token_header(), "");
        EXPECT_THAT(leave.credentials().more_headers, IsEmpty());
        EXPECT_EQ(leave.query(), query);
        EXPECT_TRUE(leave.leaves_subprotocols());
        EXPECT_FALSE(leave.expires());
        EXPECT_FALSE(leave.closes());
        ASSERT_NE(leave.observation(), nullptr);
        EXPECT_EQ(leave.observation()->mode, rules::enforcement::observe_all);
    }

    std::vector<rules::route> routes;
    snapshot rules;
    table_source source;
    std::vector<requests::header> headers;
    std::string query;
    bool websocket = false;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
    explanation told;
};

TEST_F(observe_all, a_missing_credential_is_noted) {
    add("/").require.roles = {"admin"};
    const permit leave = permitted();
    expect_untouched(leave);
    EXPECT_EQ(leave.observed(), reason::token_missing);
}

TEST_F(observe_all, whatever_refuses_a_token_is_noted_with_its_cause_and_the_token_stays) {
    add("/");
    headers = {{"Authorization", "Bearer x"}};
    query = "a=1&b=2";
    for (const reason each : {reason::token_malformed, reason::signature_invalid, reason::issuer_mismatch, reason::token_revoked,
                              reason::keys_unavailable, reason::introspection_unavailable}) {
        source.unknown = each;
        const permit leave = permitted();
        expect_untouched(leave);
        EXPECT_EQ(leave.observed(), each);
        EXPECT_EQ(leave.observation()->cause, "why exactly");
        EXPECT_EQ(leave.observation()->who, nullptr);
    }
}

TEST_F(observe_all, an_expired_token_is_noted_with_whose_it_was) {
    add("/");
    headers = {{"Authorization", "Bearer old"}};
    const permit leave = permitted();
    expect_untouched(leave);
    EXPECT_EQ(leave.observed(), reason::token_expired);
    ASSERT_NE(leave.observation()->who, nullptr);
    EXPECT_EQ(leave.observation()->who->user, "u-1");
}

TEST_F(observe_all, several_credentials_all_stay) {
    add("/");
    headers = {{"Authorization", "Bearer good"}};
    query = "access_token=other&a=1";
    const permit leave = permitted();
    expect_untouched(leave);
    EXPECT_EQ(leave.observed(), reason::token_multiple);
}

TEST_F(observe_all, a_refused_handshake_keeps_its_subprotocols) {
    add("/");
    websocket = true;
    headers = {{"Sec-WebSocket-Protocol", "chat, bearer, x"}};
    permit leave = permitted();
    expect_untouched(leave);
    EXPECT_EQ(leave.observed(), reason::signature_invalid);
    EXPECT_THAT(leave.credentials().subprotocols.forwarded, ElementsAre("chat", "bearer", "x"));
    headers = {{"Sec-WebSocket-Protocol", "chat, bearer"}};
    EXPECT_EQ(permitted().observed(), reason::token_malformed) << "a marker without a token";
}

TEST_F(observe_all, a_good_token_is_taken_as_usual_but_nothing_ends_with_it) {
    add("/").require.roles = {"admin"};
    websocket = true;
    headers = {{"Authorization", "Bearer good"}};
    const permit leave = permitted();
    EXPECT_EQ(leave.why(), reason::ok);
    EXPECT_EQ(leave.observed(), reason::role_missing);
    ASSERT_NE(leave.who(), nullptr);
    EXPECT_EQ(leave.who()->user, "u-1");
    EXPECT_EQ(leave.token_header(), "Authorization");
    EXPECT_FALSE(leave.expires());
    EXPECT_FALSE(leave.closes());
}

TEST_F(observe_all, origins_and_sockets_that_are_off_are_enforced) {
    add("/").websocket.origins = {"https://app.test"};
    add("/off").websocket.enabled = false;
    websocket = true;
    EXPECT_EQ(refusal(), reason::origin_denied);
    EXPECT_EQ(refusal("/off"), reason::websocket_denied);
}

TEST_F(observe_all, opens_nothing_that_another_reading_of_the_path_closes) {
    add("/");
    add("/admin", rules::enforcement::enforce);
    headers = {{"Authorization", "Bearer x"}};
    EXPECT_EQ(permitted("/other").observed(), reason::signature_invalid);
    EXPECT_EQ(refusal("/ADMIN"), reason::signature_invalid);
    headers.clear();
    EXPECT_EQ(refusal("/admin/"), reason::token_missing);
}

TEST_F(observe_all, of_another_reading_is_noted_too) {
    add("/", rules::enforcement::enforce).auth = rules::authentication::none;
    add("/admin");
    headers = {{"Authorization", "Bearer x"}};
    const permit leave = permitted("/ADMIN");
    EXPECT_EQ(leave.why(), reason::public_route);
    EXPECT_EQ(leave.observed(), reason::signature_invalid);
    EXPECT_EQ(leave.observation()->mode, rules::enforcement::observe_all);
    EXPECT_TRUE(leave.leaves_subprotocols());
}

TEST_F(observe_all, is_told_to_an_observer) {
    add("/");
    run();
    EXPECT_EQ(told.steps().back().check, "mode");
    EXPECT_THAT(told.steps().back().note, ::testing::HasSubstr("observe_all forwards it all the same"));
}

} // namespace
} // namespace bearward::policies
