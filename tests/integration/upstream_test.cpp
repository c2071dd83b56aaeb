// Connections to the upstream: kept and reused when clean, thrown away when not,
// and what the client sees when the upstream fails.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string post = "POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

std::string bad_gateway() {
    return R"({"detail":"Bad Gateway"})";
}

message ask(raw_socket& client, const std::string& request) {
    client.send(request);
    return read_response(client, request.substr(0, request.find(' ')));
}

TEST(upstream_reuse, one_connection_serves_one_request_after_the_other_of_all_clients) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port()};
    for (int round = 0; round < 5; ++round) {
        auto client = proxy.connect();
        EXPECT_EQ(ask(client, get).body, "hi");
        EXPECT_EQ(ask(client, post).body, "hi");
        EXPECT_EQ(ask(client, "POST /public HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("abc", 1)).body, "hi");
    }
    EXPECT_EQ(upstream.connections(), 1U);
}

/// An answer after which the connection must not be used again.
struct unclean : ::testing::TestWithParam<std::string> {};

TEST_P(unclean, connections_are_not_reused) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            peer.send(GetParam());
            if (GetParam().find("Content-Length") == std::string::npos) {
                return;
            }
        }
    }};
    running_proxy proxy{upstream.port()};
    for (std::size_t round = 1; round <= 3; ++round) {
        auto client = proxy.connect();
        const auto answer = ask(client, get);
        EXPECT_EQ(answer.status(), 200);
        EXPECT_EQ(answer.body, "hi");
        EXPECT_EQ(upstream.connections(), round);
        EXPECT_TRUE(wait_until([&] { return upstream.finished() == round; })) << "the old one stays open";
    }
}

INSTANTIATE_TEST_SUITE_P(answers, unclean,
                         ::testing::Values(ok("hi", "Connection: close\r\n"), ok("hi", "Connection: x, Close\r\n"),
                                           "HTTP/1.1 200 OK\r\n\r\nhi", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                                           ok("hi") + ok("unasked"), ok("hi") + "\r\n"),
                         [](const auto& of) { return "number" + std::to_string(of.index); });

TEST(upstream_reuse, bytes_that_nobody_asked_for_end_an_idle_connection_and_answer_nobody) {
    std::atomic<bool> poison{false};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t number) {
        static_cast<void>(read_request(peer));
        peer.send(ok("first"));
        if (number == 0) {
            EXPECT_TRUE(wait_until([&] { return poison.load(); }));
            peer.send(ok("poison"));
        }
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, get).body, "first");
    poison = true;
    ASSERT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
    EXPECT_EQ(ask(client, get).body, "first");
    EXPECT_EQ(upstream.connections(), 2U);
}

TEST(upstream_reuse, an_idle_connection_ends_after_its_time) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.upstream = "idle_timeout: 100ms"}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, get).body, "hi");
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }, 2s));
    EXPECT_EQ(ask(client, get).body, "hi");
}

TEST(upstream_reuse, no_more_idle_connections_stay_than_allowed) {
    std::atomic<int> waiting{0};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            ++waiting;
            EXPECT_TRUE(wait_until([&] { return waiting >= 3; }));
            peer.send(ok("hi"));
        }
    }};
    running_proxy proxy{upstream.port(), {.upstream = "max_idle_connections: 1"}};
    std::vector<raw_socket> clients;
    for (int count = 0; count < 3; ++count) {
        clients.push_back(proxy.connect());
        clients.back().send(get);
    }
    for (auto& client : clients) {
        EXPECT_EQ(read_response(client).body, "hi");
    }
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 2; }));
    EXPECT_EQ(ask(clients.front(), get).body, "hi");
    EXPECT_EQ(upstream.connections(), 3U);
}

/// The first connection serves one request and dies, without an answer, when the
/// second has come: what a server does that closes as we send.
scripted_upstream::script die_on_second(const std::string& partial) {
    return [partial](raw_socket& peer, std::size_t number) {
        static_cast<void>(read_request(peer));
        peer.send(ok("hi"));
        if (number == 0) {
            static_cast<void>(peer.receive_until("\r\n\r\n"));
            peer.send(partial);
            return;
        }
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            peer.send(ok("hi"));
        }
    };
}

TEST(upstream_retry, a_get_is_sent_again_once_when_its_pooled_connection_dies) {
    scripted_upstream upstream{die_on_second("")};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, get).body, "hi");
    EXPECT_EQ(ask(client, get).body, "hi");
    EXPECT_EQ(upstream.connections(), 2U);
    EXPECT_THAT(upstream.received(1), StartsWith("GET /public HTTP/1.1\r\n"));
}

TEST(upstream_retry, a_put_with_its_whole_body_at_hand_is_sent_again_with_it) {
    scripted_upstream upstream{die_on_second("")};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, get).body, "hi");
    EXPECT_EQ(ask(client, "PUT /public HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get).body, "hi");
    EXPECT_EQ(read_response(client).body, "hi");
    EXPECT_THAT(upstream.received(1), HasSubstr("\r\n\r\nabcGET "));
    EXPECT_EQ(upstream.connections(), 2U);
}

TEST(upstream_retry, a_post_that_was_written_is_not_sent_again) {
    scripted_upstream upstream{die_on_second("")};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, get).body, "hi");
    const auto answer = ask(client, post);
    EXPECT_EQ(answer.status(), 502);
    EXPECT_EQ(answer.body, bad_gateway());
    EXPECT_EQ(upstream.connections(), 1U);
    EXPECT_EQ(ask(client, post).body, "hi");
}

TEST(upstream_retry, a_get_is_not_sent_again_once_a_byte_of_its_answer_has_come) {
    scripted_upstream upstream{die_on_second("HTTP/1.1 200")};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, get).body, "hi");
    EXPECT_EQ(ask(client, get).status(), 502);
    EXPECT_EQ(upstream.connections(), 1U);
}

TEST(upstream_retry, a_new_connection_that_dies_is_not_tried_again) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) { static_cast<void>(read_request(peer)); }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, get).status(), 502);
    EXPECT_EQ(upstream.connections(), 1U);
}

TEST(upstream_retry, a_post_meets_no_connection_that_the_upstream_has_closed) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send(ok("hi"));
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    for (std::size_t round = 1; round <= 20; ++round) {
        EXPECT_EQ(ask(client, post).body, "hi");
        ASSERT_TRUE(wait_until([&] { return upstream.finished() == round; })) << "a close on its way meets any request";
    }
}

TEST(upstream_failure, a_refused_connection_is_a_502_and_the_next_request_finds_the_way) {
    const auto port = find_closed_port();
    running_proxy proxy{port};
    auto client = proxy.connect();
    const auto answer = ask(client, get);
    EXPECT_EQ(answer.status(), 502);
    EXPECT_EQ(answer.body, bad_gateway());
    EXPECT_EQ(answer.field("Connection"), "");
    EXPECT_EQ(ask(client, post).status(), 502);
    EXPECT_EQ(ask(client, get).status(), 502);
    scripted_upstream upstream{answer_always(ok("back")), port};
    EXPECT_EQ(ask(client, post).body, "back");
}

struct bad_answer : ::testing::TestWithParam<std::string> {};

TEST_P(bad_answer, is_a_502_and_the_connection_to_the_client_goes_on) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send(GetParam());
        static_cast<void>(peer.receive_for(20ms));
    }};
    running_proxy proxy{upstream.port(), {.limits = "max_response_head: 2KiB"}};
    auto client = proxy.connect();
    for (int round = 0; round < 2; ++round) {
        auto answer = ask(client, get);
        if (answer.status() == 100) {
            answer = read_response(client); // what came before the end is passed on
        }
        EXPECT_EQ(answer.status(), 502);
        EXPECT_EQ(answer.body, bad_gateway());
    }
}

INSTANTIATE_TEST_SUITE_P(
    answers, bad_answer,
    ::testing::Values("garbage\r\n\r\n", "\x15\x03\x01\x00\x02\x02\x32\r\n\r\n", "HTTP/2 200\r\n\r\n", "", "HTTP/1.1 200 OK\r\nA: b",
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nA: " + std::string(3000, 'x') + "\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"),
    [](const auto& of) { return "number" + std::to_string(of.index); });

/// A body that breaks off.
struct broken_body : ::testing::TestWithParam<std::string> {};

TEST_P(broken_body, never_looks_whole) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send(GetParam());
    }};
    running_proxy proxy{upstream.port()};
    for (const std::string version : {"1.1", "1.0"}) {
        auto client = proxy.connect();
        client.send("GET /public HTTP/" + version + "\r\nHost: a\r\n\r\n");
        const auto got = client.receive_to_end();
        const bool in_chunks = got.find("Transfer-Encoding: chunked") != std::string::npos;
        const bool has_length = got.find("Content-Length: 10") != std::string::npos;
        if (in_chunks) {
            EXPECT_THAT(got, ::testing::Not(::testing::EndsWith("0\r\n\r\n")));
        } else if (!has_length) {
            EXPECT_EQ(client.ended(), ending::reset) << "a clean end says that it is whole: " << got;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(answers, broken_body,
                         ::testing::Values("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
                                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX",
                                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"),
                         [](const auto& of) { return "number" + std::to_string(of.index); });

TEST(upstream_broken, a_reset_in_a_body_until_close_never_looks_whole) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
        static_cast<void>(peer.receive_for(30ms));
        peer.abort_connection();
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(get);
    EXPECT_THAT(client.receive_to_end(), ::testing::Not(::testing::EndsWith("0\r\n\r\n")));
}

TEST(upstream_cancel, a_client_that_leaves_ends_the_upstreams_work) {
    for (const bool with_reset : {false, true}) {
        scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
            static_cast<void>(read_request(peer));
            static_cast<void>(peer.receive_to_end());
        }};
        running_proxy proxy{upstream.port()};
        auto client = proxy.connect();
        client.send(get);
        ASSERT_TRUE(wait_until([&] { return !upstream.received().empty(); }));
        with_reset ? client.reset() : client.close();
        EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }, 5s)) << with_reset;
    }
}

TEST(upstream_cancel, a_client_that_only_ended_its_side_gets_what_comes_without_a_long_pause) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        std::this_thread::sleep_for(300ms);
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
        for (const char* rest : {"d", "e", "f"}) {
            std::this_thread::sleep_for(400ms);
            peer.send(rest);
        }
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(get);
    client.half_close();
    EXPECT_EQ(read_response(client).body, "abcdef");
    EXPECT_EQ(client.receive_to_end(), "");
}

TEST(upstream_cancel, a_client_that_leaves_in_the_answers_body_ends_it_too) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxyz");
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(get);
    static_cast<void>(client.receive_until("xyz"));
    client.close();
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }, 5s));
}

TEST(upstream_timeouts, an_answer_that_does_not_come_is_a_504_and_the_connection_goes_on) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t number) {
        static_cast<void>(read_request(peer));
        if (number != 0) {
            peer.send(ok("hi"));
        }
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port(), {.upstream = "response_timeout: 200ms"}};
    auto client = proxy.connect();
    const auto answer = ask(client, get);
    EXPECT_EQ(answer.status(), 504);
    EXPECT_EQ(answer.body, R"({"detail":"Gateway Timeout"})");
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
    EXPECT_EQ(ask(client, get).body, "hi");
}

TEST(upstream_timeouts, a_route_may_have_its_own) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            static_cast<void>(peer.receive_for(700ms));
            peer.send(ok("late"));
        }
    }};
    running_proxy proxy{upstream.port(),
                        {.upstream = "response_timeout: 100ms",
                         .routes = "  - {prefix: /patient, auth: none, response_timeout: 30s}\n"
                                   "  - {prefix: /endless, auth: none, response_timeout: 0}\n"}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, "GET /patient HTTP/1.1\r\nHost: a\r\n\r\n").body, "late");
    EXPECT_EQ(ask(client, "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n").body, "late");
    EXPECT_EQ(ask(client, get).status(), 504);
}

TEST(upstream_timeouts, an_upstream_that_takes_no_body_is_a_504) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) { static_cast<void>(peer.wait_for_end(3s)); }};
    running_proxy proxy{upstream.port(), {.upstream = "write_timeout: 300ms"}};
    auto client = proxy.connect();
    const std::string body(std::size_t{32} * 1024 * 1024, 'x');
    std::thread sender(
        [&] { client.send("POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body); });
    EXPECT_EQ(read_response(client).status(), 504);
    sender.join();
}

} // namespace
