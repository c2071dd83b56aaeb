// What `explain` says of a request: the decision, the answer and the steps to it.
#include "proxy/commands/explain.hpp"

#include "proxy/commands/token_mint.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <algorithm>

namespace bearward::proxy::commands {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr policies::time_point now{1'700'000'000s};
constexpr const char* secret = "0123456789-0123456789-0123456789-0123456789";

class explain_test : public testing::Test {
protected:
    static constexpr const char* text = R"(version: 1
listen: [{address: 127.0.0.1:1, name: one}, {address: 127.0.0.1:2, name: two}]
upstreams: {app: {servers: [127.0.0.1:3]}}
providers: {main: {type: jwt, audiences: [a], algorithms: [HS256], keys: {secret: {value: "0123456789-0123456789-0123456789-0123456789"}}}}
routes:
  - {prefix: /, name: root, upstream: app, providers: [main]}
  - {prefix: "/t/{id}", name: tenant, upstream: app, providers: [main], require: {tenant: "{id}", scopes: [write]}}
  - {prefix: /watched, name: watched, upstream: app, providers: [main], require: {roles: [admin]}, mode: observe}
  - {prefix: /public, name: public, upstream: app, auth: none}
  - {exact: /get, name: get, upstream: app, auth: none, methods: [GET]}
  - {prefix: /http, name: http, upstream: app, providers: [main], websocket: {reject_with: http}}
  - {exact: /post, name: post, upstream: app, auth: none, methods: [POST]}
  - {prefix: /two, name: two, upstream: app, auth: none, listeners: [two]}
)";

    explain_test() : loaded_(config::load_text(text, "test.yaml")), registry_(1), rules_(take(loaded_), registry_) { options.path = "/"; }

    static config::configuration take(config::load_result& from) {
        for (const auto& problem : from.diagnostics) {
            if (problem.severity == config::diagnostic::kind::error) {
                ADD_FAILURE() << to_string(problem);
            }
        }
        return std::move(from.loaded).value();
    }

    static std::string mint(std::vector<std::string> claims) {
        mint_options mint{.secret = secret, .algorithm = "HS256", .claims = std::move(claims), .audiences = {"a"}};
        return make_token(mint, now).value();
    }

    explained run(const std::string& path, std::uint32_t listener = 0) {
        options.path = path;
        const auto head = make_request_head(options, token);
        return explain_request(rules_, head.value(), listener, now);
    }

    explain_options options;
    std::optional<std::string> token;

private:
    config::load_result loaded_;
    counter_registry registry_;
    serving rules_;
};

TEST_F(explain_test, a_permit_names_route_identity_and_what_is_forwarded) {
    token = mint({"sub=u-1", "tid=t-1", "roles=[\"a,b\"]", "scope=read write"});
    const auto what = run("/t/t-1/x?y=1");
    EXPECT_TRUE(what.permitted);
    EXPECT_EQ(what.outcome.at("decision"), "permit");
    EXPECT_EQ(what.outcome.at("reason"), "ok");
    EXPECT_EQ(what.outcome.at("status"), 200);
    EXPECT_EQ(what.outcome.at("route"), "tenant");
    EXPECT_EQ(what.outcome.at("identity").at("user"), "u-1");
    const auto& forward = what.outcome.at("forward");
    EXPECT_EQ(forward.at("upstream"), "app");
    EXPECT_EQ(forward.at("target"), "/t/t-1/x?y=1");
    EXPECT_EQ(forward.at("headers").at("X-User-Roles"), "a%2Cb");
    EXPECT_EQ(forward.at("headers").at("X-User-Scopes"), "read write");
}

TEST_F(explain_test, a_denial_names_reason_status_and_challenge) {
    token = mint({"sub=u-1", "tid=t-1"});
    const auto what = run("/t/t-1");
    EXPECT_FALSE(what.permitted);
    EXPECT_EQ(what.outcome.at("reason"), "scope_missing");
    EXPECT_EQ(what.outcome.at("cause"), "scopes: none; expected 'write' (any of them)");
    EXPECT_EQ(what.outcome.at("status"), 403);
    EXPECT_EQ(what.outcome.at("answer").at("detail"), "Not enough permissions");
    EXPECT_EQ(what.outcome.at("answer").at("headers").at("WWW-Authenticate"),
              R"(Bearer realm="bearward", error="insufficient_scope", scope="write")");
    EXPECT_THAT(to_text(what), AllOf(HasSubstr("denial: scope_missing"), HasSubstr("FAILED"), HasSubstr("t-1")));
}

TEST_F(explain_test, the_first_failed_step_is_the_reason) {
    token = mint({"exp=5", "iat=1"});
    for (const char* path : {"/", "/t/t-1", "/post", "/%2f", "/watched"}) {
        const auto what = run(path);
        const auto first = std::ranges::find(what.steps, policies::step::mark::failed, &policies::step::outcome);
        ASSERT_NE(first, what.steps.end()) << path;
        EXPECT_EQ(std::string_view(what.outcome.at("reason").as_string()), to_string(first->why)) << path;
    }
}

TEST_F(explain_test, an_observed_denial_is_a_permit_that_says_so) {
    token = mint({"sub=u"});
    const auto what = run("/watched");
    EXPECT_TRUE(what.permitted);
    EXPECT_EQ(what.outcome.at("mode"), "observe");
    EXPECT_EQ(what.outcome.at("observed"), "role_missing");
    EXPECT_THAT(std::string(what.outcome.at("cause").as_string()), HasSubstr("roles: none; expected"));
}

TEST_F(explain_test, public_routes_and_methods) {
    EXPECT_EQ(run("/public").outcome.at("reason"), "public");
    options.method = "POST";
    const auto what = run("/get");
    EXPECT_EQ(what.outcome.at("status"), 405);
    EXPECT_EQ(what.outcome.at("answer").at("headers").at("Allow"), "GET, HEAD");
}

TEST_F(explain_test, listeners_have_their_own_routes) {
    EXPECT_EQ(run("/two", 1).outcome.at("route"), "two");
    EXPECT_EQ(run("/two", 0).outcome.at("route"), "root");
}

TEST_F(explain_test, a_refused_handshake_is_closed_or_answered_as_the_route_says) {
    options.websocket = true;
    const auto closed = run("/");
    EXPECT_EQ(closed.outcome.at("status"), 101);
    EXPECT_EQ(closed.outcome.at("close").at("code"), 1008);
    EXPECT_EQ(closed.outcome.at("close").at("reason"), "Not authenticated");
    EXPECT_THAT(to_text(closed), HasSubstr("101, then Close 1008"));
    const auto answered = run("/http");
    EXPECT_EQ(answered.outcome.at("status"), 401);
    EXPECT_FALSE(answered.outcome.contains("close"));
}

TEST_F(explain_test, a_permitted_handshake_says_when_it_will_be_closed) {
    options.websocket = true;
    token = mint({"sub=u"});
    EXPECT_EQ(run("/").outcome.at("closes_at"), "2023-11-14T22:28:50Z"); // in 15 minutes and the skew of 30 seconds
}

TEST_F(explain_test, a_head_that_is_refused_is_a_denial_too) {
    options.headers = {"Content-Length: 1", "Content-Length: 1"};
    const auto what = run("/public");
    EXPECT_EQ(what.outcome.at("reason"), "bad_request");
    EXPECT_EQ(what.outcome.at("status"), 400);
    EXPECT_TRUE(what.outcome.at("request").is_null());
    EXPECT_THAT(to_text(what), HasSubstr("denial: bad_request"));
    options.headers = {"Expect: everything"};
    EXPECT_EQ(run("/public").outcome.at("status"), 417);
}

TEST_F(explain_test, neither_text_nor_json_holds_a_token) {
    const std::string signature = mint({"sub=u"});
    for (const bool websocket : {false, true}) {
        options.websocket = websocket;
        for (const std::string& value : {signature, signature + "x", std::string("opaque-credential")}) {
            token = value;
            options.headers = {"X-Other: " + value, "Sec-WebSocket-Protocol: bearer, " + value};
            for (const std::string& path : {"/?access_token=" + value, "/public?access%5Ftoken=" + value, std::string("/get")}) {
                const auto what = run(path);
                EXPECT_THAT(to_text(what), Not(HasSubstr(value.substr(value.rfind('.') + 1)))) << path;
                EXPECT_THAT(to_json_text(what), Not(HasSubstr(value.substr(value.rfind('.') + 1)))) << path;
            }
        }
    }
}

TEST_F(explain_test, json_is_one_object_with_all_the_steps) {
    token = mint({"sub=u-1"});
    const auto what = run("/t/t-1");
    const auto read = boost::json::parse(to_json_text(what)).as_object();
    EXPECT_EQ(read.at("steps").as_array().size(), what.steps.size());
    EXPECT_EQ(read.at("reason"), "tenant_mismatch");
    const auto& last = read.at("steps").as_array().back();
    EXPECT_EQ(last.at("stage"), "requirement");
}

TEST_F(explain_test, control_characters_of_a_token_do_not_reach_the_terminal) {
    token = mint({"sub=\"\\u001b[31mred\"", "tid=t-1"});
    const auto what = run("/");
    EXPECT_TRUE(what.permitted);
    EXPECT_THAT(to_text(what), Not(HasSubstr("\x1b")));
    EXPECT_THAT(to_json_text(what), Not(HasSubstr("\x1b")));
    EXPECT_THAT(to_text(run("/\xC2\x9B[31m")), Not(HasSubstr("\xC2\x9B"))); // a C1 control in UTF-8
}

TEST(make_request_head, refuses_what_would_add_lines_to_the_head) {
    const auto refused = [](explain_options options, std::optional<std::string> token = {}) { return !make_request_head(options, token); };
    EXPECT_FALSE(refused({.path = "/"}));
    EXPECT_TRUE(refused({.path = ""}));
    EXPECT_TRUE(refused({.path = "x"}));
    EXPECT_TRUE(refused({.path = "/a b"}));
    EXPECT_TRUE(refused({.path = "/a\r\nX: y"}));
    EXPECT_TRUE(refused({.path = "/", .method = "GET / HTTP/1.1"}));
    EXPECT_TRUE(refused({.path = "/", .host = "a\nb"}));
    EXPECT_TRUE(refused({.path = "/", .headers = {"no colon"}}));
    EXPECT_TRUE(refused({.path = "/", .headers = {": empty"}}));
    EXPECT_TRUE(refused({.path = "/", .headers = {"A: b\r\nC: d"}}));
    const auto secret_line = make_request_head({.path = "/"}, "hunter2\r\n");
    ASSERT_FALSE(secret_line);
    EXPECT_THAT(secret_line.error(), Not(HasSubstr("hunter2")));
}

TEST(make_request_head, a_header_that_is_given_is_not_added_again) {
    const auto head = make_request_head({.path = "/", .headers = {"hOST: a.test", "upgrade: websocket"}, .websocket = true}, {});
    ASSERT_TRUE(head);
    EXPECT_THAT(*head, AllOf(Not(HasSubstr("localhost")), Not(HasSubstr("Upgrade: ")), HasSubstr("Sec-WebSocket-Version: 13\r\n")));
}

TEST(parse_time, takes_rfc_3339_and_unix_seconds) {
    EXPECT_EQ(parse_time("1700000000"), now);
    EXPECT_EQ(parse_time("1700000000.25"), now + 250ms);
    EXPECT_EQ(parse_time("2023-11-14T22:13:20Z"), now);
    for (const char* text : {"", "soon", "-1", "1e99", "inf", "nan", "2023", "9999999999999999999", "2023-11-14", "1700000000s"}) {
        EXPECT_TRUE(!parse_time(text) || std::string_view(text) == "2023") << text;
    }
}

} // namespace
} // namespace bearward::proxy::commands
