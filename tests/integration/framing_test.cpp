// Bodies both ways: every framing, however it is cut into segments, and what
// follows a message on its connection.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include <random>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

/// Answers with the body it got, framed as the request was.
void echo(raw_socket& peer, std::size_t) {
    while (peer.has_more()) {
        const auto request = read_request(peer);
        const bool in_chunks = request.field("Transfer-Encoding") == "chunked";
        peer.send(in_chunks ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(request.body, 1000) : ok(request.body));
    }
}

/// Sends in pieces of random sizes.
void send_in_pieces(raw_socket& to, std::string_view bytes, unsigned seed) {
    std::mt19937 generator{seed};
    while (!bytes.empty()) {
        const auto size = std::min<std::size_t>(bytes.size(), 1 + generator() % (generator() % 4 == 0 ? 100'000 : 3000));
        ASSERT_TRUE(to.send(bytes.substr(0, size)));
        bytes.remove_prefix(size);
    }
}

const std::string post = "POST /public HTTP/1.1\r\nHost: a\r\n";
const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

struct framing : ::testing::Test {
    scripted_upstream upstream{echo};
    running_proxy proxy{upstream.port()};
    raw_socket client = proxy.connect();
};

TEST_F(framing, a_small_body_arrives_whole_wherever_the_request_is_cut) {
    const std::string request = post + "Content-Length: 6\r\n\r\nabc\r\nd" + post + "Transfer-Encoding: chunked\r\n\r\n" +
                                "3;x=\"y\"\r\nabc\r\n1\r\n\n\r\n0\r\nT: 1\r\n\r\n";
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        client.send(request.substr(0, cut));
        std::this_thread::sleep_for(1ms);
        client.send(request.substr(cut));
        EXPECT_EQ(read_response(client).body, "abc\r\nd") << cut;
        EXPECT_EQ(read_response(client).body, "abc\n") << cut;
    }
    EXPECT_EQ(upstream.connections(), 1U);
}

TEST_F(framing, bytes_one_by_one_make_the_same_requests) {
    const std::string request = post + "Content-Length: 3\r\n\r\nabc" + post + "Transfer-Encoding: chunked\r\n\r\n" + chunked("defgh", 2);
    for (const char byte : request) {
        client.send({&byte, 1});
        std::this_thread::sleep_for(300us);
    }
    EXPECT_EQ(read_response(client).body, "abc");
    EXPECT_EQ(read_response(client).body, "defgh");
}

struct large_body : framing, ::testing::WithParamInterface<bool> {};

TEST_P(large_body, passes_both_ways_byte_for_byte_in_writes_of_any_size) {
    for (unsigned round = 1; round <= 3; ++round) {
        const std::string body = random_bytes(1024 * 1024 + round, round);
        const std::string request = post + (GetParam() ? "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, round == 1 ? 777 : 50'000)
                                                       : "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        send_in_pieces(client, request, round);
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), 200);
        EXPECT_TRUE(answer.body == body) << "round " << round << ": " << answer.body.size() << " bytes came back";
    }
    EXPECT_EQ(upstream.connections(), 1U);
}

INSTANTIATE_TEST_SUITE_P(framings, large_body, ::testing::Bool(), [](const auto& of) { return of.param ? "chunked" : "content_length"; });

TEST_F(framing, pipelined_requests_are_answered_in_order) {
    std::string requests;
    for (int number = 0; number < 40; ++number) {
        const std::string body = "body " + std::to_string(number);
        requests += number % 2 == 0 ? post + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
                                    : post + "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, 3);
        requests += number % 5 == 0 ? "GET / HTTP/1.1\r\nHost: a\r\n\r\n" : ""; // 401
        requests += number % 7 == 0 ? "\r\n" : "";
    }
    client.send(requests);
    for (int number = 0; number < 40; ++number) {
        EXPECT_EQ(read_response(client).body, "body " + std::to_string(number));
        if (number % 5 == 0) {
            EXPECT_EQ(read_response(client).status(), 401);
        }
    }
    EXPECT_EQ(upstream.connections(), 1U);
}

TEST_F(framing, a_broken_chunk_is_a_400_and_the_upstream_never_sees_an_end) {
    client.send(post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
    EXPECT_EQ(read_response(client).status(), 400);
    EXPECT_EQ(client.receive_to_end(), "");
    ASSERT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
    EXPECT_THAT(upstream.received(), Not(HasSubstr("\r\n0\r\n")));
}

TEST(framing_trailers, count_towards_the_heads_limit) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "max_request_head: 4KiB"}};
    const auto with_trailers = [](std::size_t size) {
        return post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-A: " + std::string(size, 'y') + "\r\n\r\n";
    };
    auto client = proxy.connect();
    client.send(with_trailers(3000));
    EXPECT_EQ(read_response(client).status(), 200);
    for (const std::size_t size : {4050UZ, 8000UZ}) {
        auto other = proxy.connect();
        other.send(with_trailers(size));
        EXPECT_EQ(read_response(other).status(), 431) << size;
        EXPECT_EQ(other.receive_to_end(), "");
    }
    const std::string received = upstream.received();
    const auto first_end = received.find("\r\n0\r\n\r\n");
    EXPECT_NE(first_end, std::string::npos);
    EXPECT_EQ(received.find("\r\n0\r\n", first_end + 1), std::string::npos) << "no other body came to its end";
}

TEST_F(framing, a_client_that_leaves_in_its_body_ends_the_upstreams_connection_without_an_end) {
    client.send(post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    ASSERT_TRUE(wait_until([&] { return upstream.received().ends_with("abc\r\n"); }));
    client.close();
    ASSERT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
    EXPECT_THAT(upstream.received(), EndsWith("3\r\nabc\r\n"));
}

/// An upstream that answers with these very bytes, then closes or not.
struct answer_case {
    std::string name;
    std::string method;
    std::string bytes;
    bool closes = false;
    std::string head{}; ///< of the client's copy
    std::string body{};
    bool reused = true;
    bool rests = false; ///< the connection is used again only after a while
};

struct answer_framing : ::testing::TestWithParam<answer_case> {};

TEST_P(answer_framing, reaches_the_client_wherever_it_is_cut) {
    const auto& expected = GetParam();
    std::atomic<std::size_t> cut{0};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            const std::size_t at = cut;
            peer.send(expected.bytes.substr(0, at));
            std::this_thread::sleep_for(1ms);
            peer.send(expected.bytes.substr(at));
            if (expected.closes) {
                return;
            }
        }
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    std::size_t requests = 0;
    for (cut = 1; cut <= expected.bytes.size(); cut += expected.closes ? 7 : 1) {
        client.send(expected.method + " /public HTTP/1.1\r\nHost: a\r\nX-Request-Id: r\r\n\r\n");
        const auto answer = read_response(client, expected.method);
        EXPECT_EQ(answer.dateless(), expected.head + "X-Request-Id: r\r\n\r\n") << cut;
        EXPECT_EQ(answer.body, expected.body) << cut;
        ++requests;
    }
    if (expected.rests) {
        EXPECT_GT(upstream.connections(), 1U) << "used again at once";
    } else {
        EXPECT_EQ(upstream.connections(), expected.reused ? 1U : requests);
    }
}

INSTANTIATE_TEST_SUITE_P(
    cases, answer_framing,
    ::testing::Values(
        answer_case{"content_length", "GET", ok("hello", "X: 1\r\n"), false, "HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 5\r\n", "hello"},
        answer_case{"empty", "GET", ok(""), false, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ""},
        answer_case{"chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("hello, world", 5), false,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", "hello, world"},
        answer_case{"until_close", "GET", "HTTP/1.1 200 OK\r\n\r\nhello", true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
                    "hello", false},
        answer_case{"http10", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", true, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
                    "hi", false},
        answer_case{"head_with_length", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false,
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "", false},
        answer_case{"head_with_chunked", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", "", false},
        answer_case{"head_without", "HEAD", "HTTP/1.1 200 OK\r\n\r\n", false, "HTTP/1.1 200 OK\r\n", "", false},
        answer_case{"no_content", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n", false, "HTTP/1.1 204 No Content\r\n", "", true, true},
        answer_case{"not_modified", "GET", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\n", false,
                    "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 5\r\n", "", true, true}),
    [](const auto& of) { return of.param.name; });

TEST(framing_trailers, of_a_response_pass_to_who_takes_them_less_what_is_forbidden) {
    scripted_upstream upstream{answer_always(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" +
        chunked("abc", 3, "X-Sum: 9\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\nTransfer_Encoding: x\r\nX-Request-Id: other\r\n"))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send("GET /public HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n" + get);
    const auto with = read_response(client);
    EXPECT_EQ(with.body, "abc");
    EXPECT_EQ(with.trailers, "X-Sum: 9\r\n");
    EXPECT_EQ(with.field("Trailer"), "X-Sum");
    const auto without = read_response(client);
    EXPECT_EQ(without.body, "abc");
    EXPECT_EQ(without.trailers, "");
    EXPECT_EQ(without.field("Trailer"), "");
    EXPECT_THAT(upstream.received(), HasSubstr("TE: trailers\r\nConnection: TE\r\n"));
}

TEST(framing_interim, a_100_is_passed_on_and_only_then_the_body_sent) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        const auto head = peer.receive_until("\r\n\r\n");
        EXPECT_THAT(head, HasSubstr("Expect: 100-continue\r\n"));
        EXPECT_EQ(peer.receive_for(50ms), "");
        peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
        EXPECT_EQ(peer.receive_exactly(4), "body");
        peer.send(ok("done"));
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(post + "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    const auto hints = client.receive_until("\r\n\r\n");
    EXPECT_THAT(hints, ::testing::StartsWith("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n"));
    EXPECT_THAT(client.receive_until("\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 100 Continue\r\n"));
    client.send("body");
    EXPECT_EQ(read_response(client).body, "done");
}

TEST(framing_http10, a_client_keeps_its_connection_only_if_it_asks) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port()};
    auto keeping = proxy.connect();
    for (int round = 0; round < 2; ++round) {
        keeping.send("GET /public HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        const auto answer = read_response(keeping);
        EXPECT_EQ(answer.field("Connection"), "keep-alive");
        EXPECT_EQ(answer.body, "hi");
    }
    auto once = proxy.connect();
    once.send("GET /public HTTP/1.0\r\nHost: a\r\n\r\n");
    const auto answer = once.receive_to_end();
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhi"));
    EXPECT_EQ(once.ended(), ending::closed);
}

TEST(framing_http10, a_body_of_unknown_length_lasts_until_the_close) {
    scripted_upstream upstream{answer_always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("hello, world", 5))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send("GET /public HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = client.receive_to_end();
    EXPECT_THAT(answer, Not(HasSubstr("Transfer-Encoding")));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello, world"));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(client.ended(), ending::closed);
}

TEST(framing_http10, a_client_gets_no_interim_responses) {
    scripted_upstream upstream{answer_always("HTTP/1.1 103 Early Hints\r\n\r\n" + ok("hi"))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send("GET /public HTTP/1.0\r\n\r\n");
    EXPECT_THAT(client.receive_to_end(), ::testing::StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(framing_close, a_client_that_asked_for_it_gets_all_of_a_large_answer_and_then_the_end) {
    const std::string body = random_bytes(3'000'000, 1);
    scripted_upstream upstream{answer_always(ok(body))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect(4096);
    client.send("GET /public HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    std::this_thread::sleep_for(50ms); // all that fits is written
    EXPECT_THAT(client.receive_to_end(), EndsWith(body));
    EXPECT_EQ(client.ended(), ending::closed);
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }));
}

TEST(framing_close, a_line_end_after_a_body_costs_no_answer) {
    std::atomic<bool> released{false};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        released.wait(false);
        peer.send(ok(random_bytes(300'000, 1)));
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect(4096);
    client.send(post + "Connection: close\r\nContent-Length: 2\r\n\r\nhi");
    ASSERT_TRUE(wait_until([&] { return upstream.received().ends_with("hi"); }));
    client.send("\r\n");
    released = true;
    released.notify_one();
    EXPECT_THAT(client.receive_to_end(), EndsWith(random_bytes(300'000, 1)));
    EXPECT_EQ(client.ended(), ending::closed);
}

TEST(framing_close, what_comes_after_a_last_request_costs_no_answer) {
    std::atomic<bool> released{false};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        released.wait(false);
        peer.send(ok("hi"));
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send("GET /public HTTP/1.0\r\n\r\n");
    ASSERT_TRUE(wait_until([&] { return upstream.received().ends_with("\r\n\r\n"); }));
    client.send("\r\n");
    std::this_thread::sleep_for(50ms);
    released = true;
    released.notify_one();
    EXPECT_THAT(client.receive_to_end(), EndsWith("\r\n\r\nhi"));
    EXPECT_EQ(client.ended(), ending::closed);
}

TEST(framing_close, what_a_client_sends_after_its_last_request_costs_it_no_answer) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send("GET /public HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get);
    EXPECT_THAT(client.receive_to_end(), EndsWith("\r\n\r\nhi"));
    EXPECT_EQ(client.ended(), ending::closed);
}

TEST(framing_duplex, an_answer_that_comes_early_is_passed_on_and_the_connection_closed) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("first"));
        peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(post + "Content-Length: 1000000\r\n\r\nfirst");
    const auto answer = read_response(client);
    EXPECT_EQ(answer.status(), 413);
    EXPECT_EQ(answer.body, "big");
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_EQ(client.receive_to_end(), "");
}

TEST(framing_duplex, both_bodies_move_at_the_same_time) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (auto line = peer.receive_until("\r\n"); line != "0\r\n"; line = peer.receive_until("\r\n")) {
            const auto data = peer.receive_until("\r\n");
            peer.send(line + data);
        }
        peer.send("0\r\n\r\n");
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(post + "Transfer-Encoding: chunked\r\n\r\n");
    static_cast<void>(client.receive_until("\r\n\r\n"));
    for (int round = 0; round < 20; ++round) {
        const std::string piece = "3\r\na" + std::to_string(round + 10) + "\r\n";
        client.send(piece);
        EXPECT_EQ(client.receive_exactly(piece.size()), piece);
    }
    client.send("0\r\n\r\n");
    EXPECT_EQ(client.receive_exactly(5), "0\r\n\r\n");
}

TEST(framing_duplex, a_stream_outlasts_the_response_timeout_once_its_head_has_come) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("first"));
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nxyz");
        static_cast<void>(peer.receive_until("last"));
        std::this_thread::sleep_for(600ms);
        peer.send("uvw");
    }};
    running_proxy proxy{upstream.port(), {.upstream = "response_timeout: 200ms"}};
    auto client = proxy.connect();
    client.send(post + "Content-Length: 9\r\n\r\nfirst");
    static_cast<void>(client.receive_until("xyz"));
    client.send("last");
    EXPECT_EQ(client.receive_exactly(3), "uvw");
}

TEST(framing_duplex, an_event_stream_arrives_event_by_event) {
    std::atomic<int> arrived{0};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
        for (int event = 0; event < 5; ++event) {
            peer.send("data: " + std::to_string(event) + "\n\n");
            // The next is sent only when this one has arrived.
            EXPECT_TRUE(wait_until([&] { return arrived > event; })) << event;
        }
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(get);
    for (int event = 0; event < 5; ++event) {
        EXPECT_THAT(client.receive_until("\n\n\r\n"), HasSubstr("data: " + std::to_string(event)));
        ++arrived;
    }
    EXPECT_EQ(client.receive_exactly(5), "0\r\n\r\n");
}

} // namespace
