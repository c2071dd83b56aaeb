// Answers that come before the request's body is whole: they reach clients that
// send all before they read, and nobody's bytes are read without end.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <unistd.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::Not;
using ::testing::StartsWith;

/// More than the kernel takes on the way.
constexpr std::size_t large = std::size_t{24} * 1024 * 1024;

std::string post(std::string_view path, std::size_t length, std::string_view fields = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n" +
           std::string(fields) + "\r\n";
}

/// Answers when the head has come; then does what `rest` says.
scripted_upstream::script answer_early(const std::string& answer, const std::function<void(raw_socket&)>& rest) {
    return [=](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(answer);
        rest(peer);
    };
}

struct way_of_not_reading {
    std::string name;
    std::function<void(raw_socket&)> rest;
};

struct early_answer : ::testing::TestWithParam<way_of_not_reading> {};

TEST_P(early_answer, of_the_app_reaches_a_client_that_sends_all_before_it_reads) {
    for (const std::string& answer : {ok("enough"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("enough", 3)}) {
        scripted_upstream upstream{answer_early(answer, GetParam().rest)};
        running_proxy proxy{upstream.port()};
        auto client = proxy.connect();
        ASSERT_TRUE(client.send(post("/public", large) + std::string(large, 'x'))) << "the whole body is taken";
        const auto got = read_response(client);
        EXPECT_EQ(got.status(), 200);
        EXPECT_EQ(got.body, "enough");
        EXPECT_EQ(got.field("Connection"), "close");
        EXPECT_EQ(client.receive_to_end(), "");
        EXPECT_EQ(client.ended(), ending::closed);
    }
}

INSTANTIATE_TEST_SUITE_P(apps, early_answer,
                         ::testing::Values(way_of_not_reading{"waits", [](raw_socket& peer) { static_cast<void>(peer.wait_for_end(3s)); }},
                                           way_of_not_reading{"leaves", [](raw_socket&) {}},
                                           way_of_not_reading{"resets",
                                                              [](raw_socket& peer) {
                                                                  std::this_thread::sleep_for(100ms);
                                                                  peer.abort_connection();
                                                              }}),
                         [](const auto& of) { return of.param.name; });

TEST(early_answers_of_apps, that_hung_up_are_passed_on_while_the_rest_of_the_body_is_dropped) {
    // Both bodies are larger than what fits on the way: only who reads on gets it done.
    const std::string path = ::testing::TempDir() + "early_" + std::to_string(::getpid());
    scripted_upstream half_closed{answer_early("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large) + "\r\n\r\n",
                                               [](raw_socket& peer) {
                                                   peer.stop_reading();
                                                   peer.send(std::string(large, 'y'));
                                               }),
                                  listen_on_unix(path)};
    running_proxy proxy{{.servers = "\"unix:" + path + '"'}};
    auto client = proxy.connect();
    ASSERT_TRUE(client.send(post("/public", large) + std::string(large, 'x')));
    EXPECT_EQ(read_response(client).body.size(), large);
    ::unlink(path.c_str());
}

TEST(early_answers_of_apps, are_over_when_the_client_stops_to_send_its_body) {
    scripted_upstream upstream{answer_early(ok("enough"), [](raw_socket& peer) { static_cast<void>(peer.receive_to_end()); })};
    running_proxy proxy{upstream.port(), {.limits = "request_body_timeout: 300ms"}};
    auto client = proxy.connect();
    client.send(post("/public", large) + "begin");
    EXPECT_EQ(read_response(client).body, "enough");
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }, 2s)) << "the app's connection does not wait for the client";
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }, 3s));
}

TEST(own_answer, reaches_a_client_that_sends_all_before_it_reads) {
    scripted_upstream upstream{answer_always(ok("never"))};
    running_proxy proxy{upstream.port(), {.routes = "  - {prefix: /small, auth: none, max_body: 10}\n"}};
    constexpr std::size_t size = 700'000;
    const std::string body(size, 'x');
    const std::string in_chunks = " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, 7000);
    for (const auto& [status, request] :
         std::vector<std::pair<int, std::string>>{{401, post("/x", size) + body},
                                                  {401, "POST /x" + in_chunks},
                                                  {401, "POST /x HTTP/1.0\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + body},
                                                  {413, post("/small", size) + body},
                                                  {413, "POST /small" + in_chunks},
                                                  {400, post("/public", size, "Transfer-Encoding: chunked\r\n") + body}}) {
        auto client = proxy.connect();
        ASSERT_TRUE(client.send(request)) << status;
        EXPECT_EQ(read_response(client).status(), status) << request.substr(0, 80);
    }
}

TEST(own_answer, is_followed_by_a_mebibyte_of_reading_at_most) {
    scripted_upstream upstream{answer_always(ok("never"))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    std::atomic<bool> all_taken{true};
    std::thread sender([&] { all_taken = client.send(post("/x", 4 * large) + std::string(4 * large, 'x')); });
    EXPECT_EQ(read_response(client).status(), 401);
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }, 5s));
    sender.join();
    EXPECT_FALSE(all_taken.load());
}

TEST(own_answer, is_followed_by_five_seconds_at_most_of_a_body_that_trickles) {
    scripted_upstream upstream{answer_always(ok("never"))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(post("/x", 1000));
    EXPECT_EQ(read_response(client).status(), 401);
    const auto began = std::chrono::steady_clock::now();
    while (client.send("x") && std::chrono::steady_clock::now() - began < 9s) {
        std::this_thread::sleep_for(50ms);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, 7s);
    EXPECT_EQ(proxy.service().counts().connections, 0U);
}

TEST(refused_answer, is_a_502_as_long_as_no_byte_of_it_went_out) {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string& body : {"zz\r\nhi\r\n0\r\n\r\n", "2\r\nhi\r\nzz\r\n", "2\r\nhiXY", "2;\r\nhi\r\n0\r\n\r\n", "\r\n", "-2\r\n",
                                    "0\r\nbad trailer\r\n\r\n"}) {
        scripted_upstream upstream{answer_early(head + body, [](raw_socket& peer) { static_cast<void>(peer.receive_to_end()); })};
        running_proxy proxy{upstream.port()};
        auto client = proxy.connect();
        for (int round = 0; round < 2; ++round) {
            client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
            EXPECT_EQ(read_response(client).status(), 502) << body;
        }
        EXPECT_EQ(upstream.connections(), 2U) << body;
    }
}

TEST(refused_answer, is_broken_off_once_its_head_went_out) {
    scripted_upstream upstream{answer_early("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", [](raw_socket& peer) {
        std::this_thread::sleep_for(100ms);
        peer.send("zz\r\n");
        static_cast<void>(peer.receive_to_end());
    })};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto got = client.receive_to_end();
    EXPECT_THAT(got, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(got, Not(EndsWith("\n0\r\n\r\n")));
    EXPECT_EQ(client.ended(), ending::reset);
}

} // namespace
