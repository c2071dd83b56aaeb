// Tokens in cookies: what reaches the upstream, and what does not.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/support/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string provider = "web: {issuer: \"https://web.test/\", audiences: [app], algorithms: [HS256], keys: {secret: {value: "
                             "\"another secret of the tests, over 32 bytes\"}}, cookie: session}";
const std::string routes =
    "  - {prefix: /page, providers: [main, web], token_from: [header, cookie], cookie_origins: [\"https://app.test\"]}\n"
    "  - {prefix: /socket, providers: [main, web], websocket: {token_from: [cookie], reject_with: http}}\n";

/// The main provider of the tests makes tokens: it gets the cookie's name too.
struct cookies : ::testing::Test {
    scripted_upstream upstream{answer_always(ok("forwarded"))};
    running_proxy proxy{upstream.port(), {.providers = provider, .routes = routes, .cookie = "session"}};
    raw_socket client = proxy.connect();
    std::string token = make_token();

    message ask(const std::string& method, const std::string& fields, const std::string& target = "/page") {
        client.send(method + " " + target + " HTTP/1.1\r\nHost: api.test\r\n" + fields + "\r\n");
        return read_response(client, method);
    }
    [[nodiscard]] std::string cookie(const std::string& before = "", const std::string& after = "") const {
        return "Cookie: " + before + "session=" + token + after + "\r\n";
    }
};

TEST_F(cookies, carry_a_token_that_the_upstream_does_not_get) {
    EXPECT_EQ(ask("GET", cookie("theme=dark; ", "; lang=de")).status(), 200);
    EXPECT_THAT(upstream.received(),
                AllOf(HasSubstr("Cookie: theme=dark; lang=de\r\n"), HasSubstr("X-User-Id: ada\r\n"), Not(HasSubstr(token))));
    EXPECT_EQ(ask("GET", cookie()).status(), 200);
    EXPECT_EQ(ask("GET", authorized() + cookie("a=1; ", "; session=again; b=2") + "Cookie: session=third\r\nCookie: c=3\r\n").status(),
              200);
    const auto heard = upstream.received();
    EXPECT_THAT(heard, AllOf(HasSubstr("Cookie: a=1; b=2\r\nCookie: c=3\r\n"), Not(HasSubstr("session"))));
    EXPECT_EQ(ask("GET", authorized() + cookie("x=1; "), "/kept").status(), 200);
    EXPECT_THAT(upstream.received(), HasSubstr("Cookie: x=1; session=" + token + "\r\n"));
}

TEST_F(cookies, are_removed_where_they_are_no_place_and_untouched_on_public_routes) {
    EXPECT_EQ(ask("GET", cookie(), "/x").status(), 401);
    EXPECT_EQ(ask("GET", authorized() + cookie("", "; a=b"), "/x").status(), 200);
    EXPECT_THAT(upstream.received(), AllOf(HasSubstr("Cookie: a=b\r\n"), Not(HasSubstr("session"))));
    EXPECT_EQ(ask("GET", cookie(), "/public").status(), 200);
    EXPECT_THAT(upstream.received(), HasSubstr("Cookie: session=" + token + "\r\n"));
}

TEST_F(cookies, of_other_pages_reach_nobody) {
    for (const std::string method : {"POST", "PUT", "DELETE", "PATCH", "PURGE"}) {
        for (const std::string origin :
             {"Origin: https://evil.test\r\n", "Origin: null\r\n", "Origin: https://api.test\r\n", "Origin: http://api.test:81\r\n",
              "Origin: http://api.test\r\nOrigin: http://api.test\r\n", "", "Sec-Fetch-Site: cross-site\r\n",
              "Sec-Fetch-Site: same-site\r\n", "X-Forwarded-Proto: https\r\nOrigin: https://api.test\r\n"}) {
            const auto answer = ask(method, cookie() + origin);
            EXPECT_EQ(answer.status(), 403) << method << origin;
            EXPECT_EQ(answer.body, "{\"detail\":\"Not allowed\"}");
            EXPECT_EQ(answer.field("WWW-Authenticate"), "");
        }
    }
    for (const std::string& fields :
         {cookie("session=1; "), std::string("Cookie: session=forged\r\n"), std::string("Cookie: session=\r\n")}) {
        EXPECT_NE(ask("GET", fields).status(), 200) << fields;
    }
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(cookies, of_its_own_pages_and_listed_ones_may_change_things) {
    for (const std::string origin :
         {"Origin: http://api.test\r\n", "Origin: https://app.test\r\n", "Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: none\r\n"}) {
        EXPECT_EQ(ask("POST", cookie() + origin + "Content-Length: 0\r\n").status(), 200) << origin;
    }
    EXPECT_EQ(ask("GET", cookie() + "Origin: https://evil.test\r\n").status(), 200);
}

TEST_F(cookies, of_other_pages_open_no_socket) {
    for (const std::string origin : {"", "Origin: https://evil.test\r\n", "Origin: null\r\n", "Origin: https://app.test\r\n"}) {
        client.send(handshake("/socket", cookie() + origin));
        EXPECT_EQ(read_response(client).status(), 403) << origin;
    }
    EXPECT_EQ(upstream.connections(), 0U);
    auto one = proxy.connect();
    one.send(handshake("/socket", cookie("a=b; ") + "Origin: http://a\r\n"));
    EXPECT_EQ(read_response(one).status(), 200) << "what the upstream answers instead of 101";
    EXPECT_THAT(upstream.received(), AllOf(HasSubstr("Cookie: a=b\r\n"), Not(HasSubstr(token))));
}

} // namespace
