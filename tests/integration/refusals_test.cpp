// What is refused never reaches the upstream: not a byte, not a connection.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using ::testing::HasSubstr;

struct refusal_case {
    std::string name;
    std::string request;
    int status = 0;
    std::string detail;
    std::string challenge{}; ///< after `Bearer realm="bearward"`; "-": no WWW-Authenticate
    bool closes = false;
};

struct refusal : ::testing::TestWithParam<refusal_case> {
    scripted_upstream upstream{answer_always(ok("forwarded"))};
    running_proxy proxy{upstream.port(), {.limits = "max_request_head: 2KiB, max_request_target: 1KiB, max_request_headers: 20"}};
    raw_socket client = proxy.connect();
};

TEST_P(refusal, is_answered_and_the_upstream_hears_nothing) {
    const auto& expected = GetParam();
    client.send(expected.request);
    const auto answer = read_response(client, expected.request.substr(0, expected.request.find(' ')));
    EXPECT_EQ(answer.status(), expected.status);
    EXPECT_EQ(answer.body, expected.request.starts_with("HEAD") ? "" : "{\"detail\":\"" + expected.detail + "\"}");
    EXPECT_EQ(answer.field("Content-Type"), "application/json");
    EXPECT_EQ(answer.field("Cache-Control"), "no-store");
    EXPECT_NE(answer.field("X-Request-Id"), "");
    EXPECT_EQ(answer.field("WWW-Authenticate"), expected.challenge == "-" ? "" : "Bearer realm=\"bearward\"" + expected.challenge);
    if (expected.closes) {
        EXPECT_EQ(answer.field("Connection"), "close");
        EXPECT_EQ(client.receive_to_end(), "");
    } else {
        EXPECT_EQ(answer.field("Connection"), "");
        client.send("GET /none HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(read_response(client).status(), 401);
    }
    EXPECT_EQ(upstream.connections(), 0U);
}

std::string get(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields, const std::string& body) {
    return "POST /public HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}
std::string bearer(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
}

const std::string invalid = R"(, error="invalid_token", error_description="The token is not valid")";
const std::string unsound = "Could not validate credentials";

const std::vector<refusal_case>& gate_cases() {
    static const std::vector<refusal_case> cases{
        {"length_and_coding", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, "Bad Request", "-", true},
        {"two_lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400, "Bad Request", "-", true},
        {"list_of_lengths", post("Content-Length: 3, 3\r\n", "abc"), 400, "Bad Request", "-", true},
        {"signed_length", post("Content-Length: +3\r\n", "abc"), 400, "Bad Request", "-", true},
        {"other_coding", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400, "Bad Request", "-", true},
        {"two_codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, "Bad Request", "-", true},
        {"coding_in_http10", "POST /public HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "Bad Request", "-",
         true},
        {"bare_lf", "GET /public HTTP/1.1\nHost: a\n\n", 400, "Bad Request", "-", true},
        {"folded", get("/public", "A: b\r\n c\r\n"), 400, "Bad Request", "-", true},
        {"space_before_colon", get("/public", "A : b\r\n"), 400, "Bad Request", "-", true},
        {"nul", get("/public", std::string("A: b\0c\r\n", 8)), 400, "Bad Request", "-", true},
        {"no_host", "GET /public HTTP/1.1\r\n\r\n", 400, "Bad Request", "-", true},
        {"two_hosts", get("/public", "Host: a\r\n"), 400, "Bad Request", "-", true},
        {"host_with_user", "GET /public HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "Bad Request", "-", true},
        {"version", "GET /public HTTP/1.2\r\nHost: a\r\n\r\n", 505, "HTTP Version Not Supported", "-", true},
        {"version_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP Version Not Supported", "-", true},
        {"connect", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 405, "Method Not Allowed", "-", true},
        {"trace", "TRACE /public HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Method Not Allowed", "-", false},
        {"expectation", get("/public", "Expect: magic\r\n"), 417, "Expectation Failed", "-", false},
        {"long_target", get("/public/" + std::string(1024, 'a')), 414, "URI Too Long", "-", true},
        {"long_head", get("/public", "A: " + std::string(2048, 'a') + "\r\n"), 431, "Request Header Fields Too Large", "-", true},
        {"garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "Bad Request", "-", true},
    };
    return cases;
}

const std::vector<refusal_case>& path_cases() {
    static const std::vector<refusal_case> cases{
        {"encoded_slash", get("/public/x%2F..%2Fadmin"), 400, "Bad Request", "-", false},
        {"encoded_nul", get("/public/%00"), 400, "Bad Request", "-", false},
        {"bad_escape", get("/public/%zz"), 400, "Bad Request", "-", false},
        {"double_escape", get("/public/%252e%252e/admin"), 400, "Bad Request", "-", false},
        {"above_the_root", get("/public/../.."), 400, "Bad Request", "-", false},
        {"backslash", get("/public\\..\\admin"), 400, "Bad Request", "-", false},
        {"semicolon", get("/public/..;/admin"), 400, "Bad Request", "-", false},
        {"disguised_admin", get("/public/%2e%2e/%61dmin", authorized()), 403, "Not enough permissions", R"(, error="insufficient_scope")",
         false},
        {"method", "DELETE /only-get HTTP/1.1\r\nHost: a\r\n" + authorized() + "\r\n", 405, "Method Not Allowed", "-", false},
    };
    return cases;
}

const std::vector<refusal_case>& credential_cases() {
    static const std::string token = make_token();
    static const std::string expired = make_token({.lifetime = std::chrono::milliseconds{-5000}});
    static const std::vector<refusal_case> cases{
        {"no_token", get("/x"), 401, "Not authenticated", "", false},
        {"no_token_head", "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", 401, "Not authenticated", "", false},
        {"other_scheme", get("/x", "Authorization: Basic YTpi\r\n"), 401, "Not authenticated", "", false},
        {"empty_bearer", get("/x", "Authorization: Bearer\r\n"), 401, unsound, invalid, false},
        {"not_a_token", get("/x", bearer("abc")), 401, unsound, invalid, false},
        {"bad_signature", get("/x", bearer(token.substr(0, token.size() - 6) + "AAAAAA")), 401, unsound, invalid, false},
        {"no_signature", get("/x", bearer(token.substr(0, token.rfind('.') + 1))), 401, unsound, invalid, false},
        {"expired", get("/x", bearer(expired)), 401, "Token has expired",
         R"(, error="invalid_token", error_description="The token has expired")", false},
        {"expired_on_optional", get("/optional", bearer(expired)), 401, "Token has expired",
         R"(, error="invalid_token", error_description="The token has expired")", false},
        {"two_headers", get("/x", bearer(token) + bearer(token)), 400, "More than one credential", R"(, error="invalid_request")", false},
        {"header_and_other_query", get("/query?access_token=abc", bearer(token)), 400, "More than one credential",
         R"(, error="invalid_request")", false},
        {"query_where_it_is_not_allowed", get("/x?access_token=" + token), 401, "Not authenticated", "", false},
        {"role", get("/admin", bearer(token)), 403, "Not enough permissions", R"(, error="insufficient_scope")", false},
        {"tenant", get("/tenants/globex/x", bearer(token)), 403, "Not enough permissions", R"(, error="insufficient_scope")", false},
        {"tenant_in_other_case", get("/tenants/Acme", bearer(token)), 403, "Not enough permissions", R"(, error="insufficient_scope")",
         false},
    };
    return cases;
}

INSTANTIATE_TEST_SUITE_P(gate, refusal, ::testing::ValuesIn(gate_cases()), [](const auto& of) { return of.param.name; });
INSTANTIATE_TEST_SUITE_P(path, refusal, ::testing::ValuesIn(path_cases()), [](const auto& of) { return of.param.name; });
INSTANTIATE_TEST_SUITE_P(credential, refusal, ::testing::ValuesIn(credential_cases()), [](const auto& of) { return of.param.name; });

/// The body of a request that is refused.
struct refused_body : ::testing::Test {
    scripted_upstream upstream{answer_always(ok("forwarded"))};
    running_proxy proxy{upstream.port(), {.limits = "request_body_timeout: 300ms"}};
    raw_socket client = proxy.connect();

    void expect_next_request_works() {
        client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(read_response(client).body, "forwarded");
        EXPECT_THAT(upstream.received(), ::testing::StartsWith("GET /public "));
    }
};

TEST_F(refused_body, of_64_kib_is_dropped_and_the_connection_goes_on) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65'536}}) {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x'));
        EXPECT_EQ(read_response(client).status(), 401) << size;
    }
    expect_next_request_works();
}

TEST_F(refused_body, in_chunks_is_dropped_too) {
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(std::string(3000, 'x'), 100));
    EXPECT_EQ(read_response(client).status(), 401);
    expect_next_request_works();
}

TEST_F(refused_body, that_looks_like_a_request_is_none) {
    const std::string inner = "GET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(inner.size()) + "\r\n\r\n" + inner);
    EXPECT_EQ(read_response(client).status(), 401);
    expect_next_request_works();
    EXPECT_THAT(upstream.received(), ::testing::Not(HasSubstr("smuggled")));
}

TEST_F(refused_body, over_1_mib_closes_and_the_answer_still_arrives) {
    const std::string body(2'000'000, 'x');
    std::thread sender([&] { client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + body); });
    const auto answer = read_response(client);
    EXPECT_EQ(answer.status(), 401);
    EXPECT_EQ(answer.field("Connection"), "close");
    sender.join();
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(refused_body, in_chunks_over_1_mib_closes_and_the_answer_still_arrives) {
    const std::string request =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(std::string(2'000'000, 'x'), 5000);
    std::thread sender([&] { client.send(request); });
    EXPECT_EQ(read_response(client).status(), 401);
    sender.join();
    static_cast<void>(client.receive_to_end());
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(refused_body, that_never_comes_ends_the_connection) {
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(read_response(client).status(), 401);
    EXPECT_EQ(client.receive_to_end(), "");
}

TEST_F(refused_body, that_was_only_announced_is_not_asked_for) {
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
    const auto answer = read_response(client);
    EXPECT_EQ(answer.status(), 401);
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_EQ(client.receive_to_end(), "");
    EXPECT_EQ(upstream.connections(), 0U);
}

} // namespace
