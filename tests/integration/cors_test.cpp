// Pages of other origins: preflights, and what answers say (proxy/BEHAVIOUR.md 19).
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string from_page = "Origin: https://app.test\r\n";
const std::string rules = "cors: {allow_origins: [\"https://app.test\"], allow_methods: [GET, PUT], expose_headers: [X-Total]}\n";
const std::string routes = "  - {prefix: /passes, cors: pass, token_from: [header, query]}\n"
                           "  - {prefix: /plain, cors: off}\n"
                           "  - {exact: /by-method, methods: [GET], name: get}\n"
                           "  - {exact: /by-method, methods: [PUT], name: put, cors: pass}\n"
                           "  - {prefix: /small, auth: none, max_body: 4}\n"
                           "  - {prefix: /other, cors: {allow_origins: [\"https://other.test\"], allow_credentials: true}}\n";

std::string preflight(const std::string& target, const std::string& fields = "", const std::string& asked = "GET") {
    return "OPTIONS " + target + " HTTP/1.1\r\nHost: a\r\n" + from_page + "Access-Control-Request-Method: " + asked + "\r\n" + fields +
           "\r\n";
}
std::string get(const std::string& target, const std::string& fields) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

struct cors : ::testing::Test {
    scripted_upstream upstream{answer_always(ok("forwarded", "Access-Control-Allow-Origin: https://upstream.test\r\nVary: Accept\r\n"))};
    running_proxy proxy{upstream.port(), {.routes = routes, .more = rules}};
    raw_socket client = proxy.connect();

    message ask(const std::string& request) {
        client.send(request);
        return read_response(client, request.substr(0, request.find(' ')));
    }
};

TEST_F(cors, a_preflight_is_answered_and_the_upstream_hears_nothing) {
    const auto answer =
        ask(preflight("/x", "Access-Control-Request-Headers: authorization\r\nAccess-Control-Request-Private-Network: true\r\n"));
    EXPECT_EQ(answer.status(), 204);
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "https://app.test");
    EXPECT_EQ(answer.field("Access-Control-Allow-Methods"), "GET, PUT");
    EXPECT_EQ(answer.field("Access-Control-Allow-Headers"), "Authorization, Content-Type");
    EXPECT_EQ(answer.field("Access-Control-Max-Age"), "600");
    EXPECT_EQ(answer.field("Access-Control-Allow-Credentials"), "");
    EXPECT_EQ(answer.field("Access-Control-Allow-Private-Network"), "");
    EXPECT_EQ(answer.field("Access-Control-Expose-Headers"), "");
    EXPECT_EQ(answer.field("Vary"), "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    EXPECT_EQ(answer.field("Content-Length"), "");
    EXPECT_EQ(answer.field("Content-Type"), "");
    EXPECT_NE(answer.field("X-Request-Id"), "");
    EXPECT_EQ(ask(preflight("/admin")).status(), 204);
    EXPECT_EQ(ask(preflight("/public")).status(), 204);
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(cors, a_preflight_of_another_origin_is_told_nothing) {
    auto request = preflight("/x");
    request.replace(request.find("app.test"), 8, "bad.test");
    const auto answer = ask(request);
    EXPECT_EQ(answer.status(), 204);
    EXPECT_THAT(answer.head, AllOf(Not(HasSubstr("Access-Control-Allow")), HasSubstr("Vary: Origin, ")));
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(cors, a_preflights_body_is_dropped) {
    EXPECT_EQ(ask(preflight("/x", "Content-Length: 3\r\n") + "abc").status(), 204);
    EXPECT_EQ(ask(preflight("/x", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n").status(), 204);
    EXPECT_EQ(ask(get("/x", authorized())).status(), 200);
}

TEST_F(cors, a_preflight_has_the_route_of_the_method_that_it_asks_about) {
    EXPECT_EQ(ask(preflight("/by-method")).status(), 204);
    EXPECT_EQ(upstream.connections(), 0U);
    EXPECT_EQ(ask(preflight("/by-method", "", "PUT")).body, "forwarded");
    const auto refused = ask(preflight("/by-method", "", "DELETE"));
    EXPECT_EQ(refused.status(), 405);
    EXPECT_EQ(refused.field("Access-Control-Allow-Origin"), "https://app.test");
}

TEST_F(cors, what_is_no_preflight_needs_its_credential) {
    const std::string asked = "Access-Control-Request-Method: GET\r\n";
    for (const std::string& fields : {from_page, asked, from_page + from_page + asked, from_page + asked + asked}) {
        EXPECT_EQ(ask("OPTIONS /passes HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").status(), 401) << fields;
        EXPECT_EQ(ask("OPTIONS /x HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").status(), 401) << fields;
    }
    EXPECT_EQ(ask("GET /passes HTTP/1.1\r\nHost: a\r\n" + from_page + asked + "\r\n").status(), 401);
    EXPECT_EQ(ask(preflight("/plain")).status(), 401);
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(cors, a_preflight_that_passes_carries_nothing_that_nobody_judged) {
    const auto answer =
        ask(preflight("/passes/x?a=1&access_token=t.o.k",
                      authorized() + "Cookie: session=1\r\nX-User-Id: root\r\nX-API-Key: k\r\nX-HTTP-Method-Override: DELETE\r\n"
                                     "Sec-Fetch-Mode: cors\r\nAccess-Control-Request-Headers: x-a\r\nTE: trailers\r\n"));
    EXPECT_EQ(answer.body, "forwarded");
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "https://upstream.test");
    EXPECT_EQ(answer.field("Vary"), "Accept");
    const auto heard = upstream.received();
    EXPECT_THAT(heard, ::testing::StartsWith("OPTIONS /passes/x?a=1 HTTP/1.1\r\n"));
    EXPECT_THAT(heard, AllOf(HasSubstr("Origin: https://app.test\r\n"), HasSubstr("Access-Control-Request-Method: GET\r\n"),
                             HasSubstr("Access-Control-Request-Headers: x-a\r\n"), HasSubstr("Sec-Fetch-Mode: cors\r\n")));
    for (const std::string name : {"Authorization", "Cookie", "X-User", "X-API", "Override", "TE:", "Content-Length", "token"}) {
        EXPECT_THAT(heard, Not(HasSubstr(name)));
    }
}

TEST_F(cors, a_preflight_that_passes_leaves_its_body_behind) {
    const std::string smuggled = "GET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::vector<std::string> bodies{"Content-Length: " + std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled,
                                          "Transfer-Encoding: chunked\r\n\r\n" + chunked(smuggled, 10),
                                          "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"};
    for (const std::string& framed : bodies) {
        auto each = proxy.connect();
        auto request = preflight("/passes/x");
        request.resize(request.size() - 2);
        each.send(request + framed);
        const auto answer = read_response(each, "OPTIONS");
        EXPECT_EQ(answer.body, "forwarded");
        EXPECT_EQ(answer.field("Connection"), "close");
        each.half_close();
        EXPECT_EQ(each.receive_to_end(), "");
    }
    for (std::size_t number = 0; number < upstream.connections(); ++number) {
        EXPECT_THAT(upstream.received(number),
                    AllOf(Not(HasSubstr("smuggled")), Not(HasSubstr("chunked")), Not(HasSubstr("Content-Length"))));
    }
}

TEST_F(cors, options_asterisk_that_passes_has_the_path_that_was_judged) {
    running_proxy passing{upstream.port(), {.more = "cors: {allow_origins: [\"https://app.test\"]}\n"}};
    auto one = passing.connect();
    one.send(preflight("*"));
    EXPECT_EQ(read_response(one, "OPTIONS").status(), 204);
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(cors, answers_of_the_upstream_carry_the_routes_headers) {
    const auto answer = ask(get("/x", authorized() + from_page));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "https://app.test");
    EXPECT_EQ(answer.field("Access-Control-Expose-Headers"), "X-Total");
    EXPECT_EQ(answer.field("Vary"), "Accept, Origin");
    const auto without = ask(get("/x", authorized()));
    EXPECT_EQ(without.field("Access-Control-Allow-Origin"), "");
    EXPECT_EQ(without.field("Vary"), "Accept, Origin");
    const auto foreign = ask(get("/x", authorized() + "Origin: https://upstream.test\r\n"));
    EXPECT_EQ(foreign.status(), 200);
    EXPECT_EQ(foreign.field("Access-Control-Allow-Origin"), "");
    const auto own = ask(get("/other", authorized() + "Origin: https://other.test\r\n"));
    EXPECT_EQ(own.field("Access-Control-Allow-Origin"), "https://other.test");
    EXPECT_EQ(own.field("Access-Control-Allow-Credentials"), "true");
    EXPECT_EQ(ask(get("/plain", authorized() + from_page)).field("Access-Control-Allow-Origin"), "https://upstream.test");
}

TEST_F(cors, an_origin_outlives_the_head_that_it_came_in) {
    const std::string body(200'000, 'b');
    client.send("POST /x HTTP/1.1\r\nHost: a\r\n" + authorized() + from_page + "Content-Length: 200000\r\n\r\n" + body);
    EXPECT_EQ(read_response(client, "POST").field("Access-Control-Allow-Origin"), "https://app.test");
    EXPECT_EQ(ask(get("/x", authorized())).field("Access-Control-Allow-Origin"), "") << "of the request before";
}

TEST_F(cors, refusals_can_be_read_by_pages) {
    const auto readable = [](const message& answer, int status) {
        EXPECT_EQ(answer.status(), status);
        EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "https://app.test") << status;
        EXPECT_EQ(answer.field("Vary"), "Origin") << status;
    };
    readable(ask(get("/x", from_page)), 401);
    readable(ask(get("/admin", authorized() + from_page)), 403);
    readable(ask("DELETE /only-get HTTP/1.1\r\nHost: a\r\n" + from_page + "\r\n"), 405);
    readable(ask(get("/x/%zz", authorized() + from_page)), 400);
    readable(ask(get("/x", authorized() + from_page + "Expect: more\r\n")), 417);
    readable(ask("POST /small HTTP/1.1\r\nHost: a\r\n" + from_page + "Content-Length: 5\r\n\r\nabcde"), 413);
    const auto refused = ask(get("/other", from_page));
    EXPECT_EQ(refused.status(), 401);
    EXPECT_EQ(refused.field("Access-Control-Allow-Origin"), "");
    EXPECT_EQ(refused.field("Vary"), "Origin");
    EXPECT_EQ(ask(get("/plain", from_page)).field("Vary"), "");
    EXPECT_EQ(ask(get("/passes", from_page)).field("Vary"), "");
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST(cors_failures, of_the_upstream_can_be_read_by_pages) {
    const running_proxy proxy({.more = rules});
    auto client = proxy.connect();
    client.send(get("/x", authorized() + from_page));
    const auto answer = read_response(client);
    EXPECT_EQ(answer.status(), 502);
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "https://app.test");
}

} // namespace
