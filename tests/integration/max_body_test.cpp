// A route's max_body: over it 413, before the upstream is asked where the length was
// announced, and while streaming where it was not.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string post = "POST /small HTTP/1.1\r\nHost: a\r\n";
const std::string in_chunks = post + "Transfer-Encoding: chunked\r\n\r\n";
const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

void echo(raw_socket& peer, std::size_t) {
    while (peer.has_more()) {
        peer.send(ok(read_request(peer).body));
    }
}

struct max_body : ::testing::Test {
    scripted_upstream upstream{echo};
    running_proxy proxy{upstream.port(),
                        {.routes = "  - {prefix: /small, auth: none, max_body: 1000}\n"
                                   "  - {prefix: /small/admin, require: {roles: [admin]}, max_body: 1000}\n"}};
    raw_socket client = proxy.connect();

    void expect_refused(std::string_view connection) {
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), 413);
        EXPECT_EQ(answer.body, R"({"detail":"Content Too Large"})");
        EXPECT_EQ(answer.field("Connection"), connection);
    }
};

TEST_F(max_body, is_the_most_that_passes_in_either_framing) {
    const std::string body = random_bytes(1000, 1);
    client.send(post + "Content-Length: 1000\r\n\r\n" + body);
    EXPECT_EQ(read_response(client).body, body);
    for (const std::size_t size : {1U, 7U, 999U, 1000U}) {
        client.send(in_chunks + chunked(body, size));
        EXPECT_EQ(read_response(client).body, body);
    }
}

TEST_F(max_body, exceeded_by_a_told_length_reaches_nobody_and_the_connection_goes_on) {
    client.send(post + "Content-Length: 1001\r\n\r\n" + random_bytes(1001, 1));
    expect_refused("");
    EXPECT_EQ(upstream.connections(), 0U);
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 200);
}

TEST_F(max_body, exceeded_by_a_length_too_long_to_drop_closes) {
    client.send(post + "Content-Length: 9223372036854775807\r\n\r\nx");
    expect_refused("close");
    EXPECT_EQ(client.receive_to_end(), "");
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(max_body, exceeded_asks_for_no_body_first) {
    client.send(post + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
    expect_refused("close");
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(max_body, is_said_only_to_whom_the_route_permits) {
    client.send("POST /small/admin HTTP/1.1\r\nHost: a\r\n" + authorized() + "Content-Length: 1001\r\n\r\n" + random_bytes(1001, 1));
    EXPECT_EQ(read_response(client).status(), 403);
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST_F(max_body, exceeded_by_chunks_is_said_while_they_come_and_the_app_sees_no_end) {
    const std::string body = random_bytes(1001, 1);
    client.send(in_chunks + chunked(body, 300));
    expect_refused("close");
    EXPECT_EQ(client.receive_to_end(), "");
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
    EXPECT_THAT(upstream.received(), Not(HasSubstr("\r\n0\r\n")));
    EXPECT_THAT(upstream.received(), Not(HasSubstr(body.substr(1000))));
}

TEST_F(max_body, exceeded_by_one_chunk_passes_none_of_it) {
    const std::string body = random_bytes(1001, 1);
    client.send(in_chunks);
    ASSERT_TRUE(wait_until([&] { return upstream.received().ends_with("\r\n\r\n"); }));
    client.send("3e9\r\n" + body);
    expect_refused("close");
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
    EXPECT_THAT(upstream.received(), Not(HasSubstr(body.substr(0, 100))));
}

TEST_F(max_body, exceeded_by_an_endless_stream_is_heard_before_the_connection_closes) {
    client.send(in_chunks);
    const std::string chunk = chunked(random_bytes(900, 1), 900).substr(0, 3 + 2 + 900 + 2);
    for (int sent = 0; sent < 20 && client.send(chunk); ++sent) {
    }
    expect_refused("close");
}

TEST_F(max_body, is_no_limit_of_other_routes) {
    const std::string body = random_bytes(100'000, 1);
    client.send("POST /public HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, 5000));
    EXPECT_EQ(read_response(client).body, body);
}

TEST(max_body_observed, refusals_are_what_the_log_tells_and_are_counted_alike_in_both_framings) {
    scripted_upstream upstream{echo};
    const std::string log = ::testing::TempDir() + "max_body_observed_" + std::to_string(::getpid()) + ".log";
    running_proxy proxy{upstream.port(),
                        {.routes = "  - {prefix: /small, name: small, mode: observe, require: {roles: [admin]}, max_body: 10}\n",
                         .log = "level: error, access: on, output: " + log}};
    for (const std::string& body :
         {"Content-Length: 20\r\n\r\n" + std::string(20, 'x'), "Transfer-Encoding: chunked\r\n\r\n" + chunked(std::string(20, 'x'), 20)}) {
        auto client = proxy.connect();
        client.send(post + authorized() + body);
        EXPECT_EQ(read_response(client).status(), 413);
    }
    proxy.end();
    std::ifstream file(log);
    int refusals = 0;
    for (std::string line; std::getline(file, line);) {
        EXPECT_THAT(line, HasSubstr(R"("reason":"limit_exceeded")"));
        EXPECT_THAT(line, Not(HasSubstr("observe")));
        ++refusals;
    }
    EXPECT_EQ(refusals, 2);
    std::filesystem::remove(log);
}

TEST(max_body_early_answer, that_has_begun_breaks_off) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
        static_cast<void>(peer.receive_to_end());
        peer.send("0\r\n\r\n");
    }};
    running_proxy proxy{upstream.port(), {.routes = "  - {prefix: /small, auth: none, max_body: 1000}\n"}};
    auto client = proxy.connect();
    client.send(in_chunks);
    EXPECT_THAT(client.receive_until("hi\r\n"), HasSubstr("200 OK"));
    client.send("3e9\r\n" + random_bytes(1001, 1));
    EXPECT_EQ(client.receive_to_end(), "");
    EXPECT_EQ(client.ended(), ending::reset);
}

} // namespace
