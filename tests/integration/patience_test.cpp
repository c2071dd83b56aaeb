// How long each side is waited for when it does something, but never enough: each
// time has its beginning and its end, and no trickle of bytes moves the end.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::Not;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string post = "POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n";

TEST(patience, with_interim_responses_without_end_ends_with_the_response_timeout) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        while (peer.send("HTTP/1.1 103 Early Hints\r\n\r\n")) {
            std::this_thread::sleep_for(10ms);
        }
    }};
    running_proxy proxy{upstream.port(), {.upstream = "response_timeout: 300ms"}};
    auto client = proxy.connect();
    client.send(get);
    auto answer = read_response(client);
    while (answer.status() == 103) {
        answer = read_response(client);
    }
    EXPECT_EQ(answer.status(), 504);
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
}

TEST(patience, with_an_answer_that_comes_byte_by_byte_ends_with_the_response_timeout) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send("HTTP/1.1 200 OK\r\nX: ");
        while (peer.send("x")) {
            std::this_thread::sleep_for(10ms);
        }
    }};
    running_proxy proxy{upstream.port(), {.upstream = "response_timeout: 300ms"}};
    auto client = proxy.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 504);
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
}

TEST(patience, with_the_upstream_begins_when_the_request_is_whole) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.upstream = "response_timeout: 300ms"}};
    auto client = proxy.connect();
    client.send(post + "\r\n");
    for (const char byte : std::string("slow!")) {
        std::this_thread::sleep_for(200ms);
        client.send({&byte, 1});
    }
    EXPECT_EQ(read_response(client).body, "hi");
}

TEST(patience, with_a_body_that_was_asked_for_and_does_not_come_is_a_408) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send("HTTP/1.1 100 Continue\r\n\r\n");
        EXPECT_EQ(peer.receive_to_end(), "");
    }};
    running_proxy proxy{upstream.port(), {.limits = "request_body_timeout: 300ms"}};
    auto client = proxy.connect();
    client.send(post + "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 100);
    EXPECT_EQ(read_response(client).status(), 408);
    EXPECT_EQ(client.receive_to_end(), "");
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
}

TEST(patience, with_the_second_head_begins_with_its_first_byte) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "request_head_timeout: 300ms, idle_timeout: 30s"}};
    auto client = proxy.connect();
    client.send(get + "GET /pub");
    EXPECT_EQ(read_response(client).body, "hi");
    EXPECT_EQ(read_response(client).status(), 408);
    EXPECT_EQ(client.receive_to_end(), "");
    auto patient = proxy.connect();
    patient.send(get);
    EXPECT_EQ(read_response(patient).body, "hi");
    std::this_thread::sleep_for(700ms); // idle, which is another time
    patient.send(get);
    EXPECT_EQ(read_response(patient).body, "hi");
}

TEST(patience, with_a_client_that_asks_but_never_reads_ends) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "write_timeout: 300ms"}};
    auto client = proxy.connect(4096);
    std::thread asker([&] {
        std::string many;
        for (int count = 0; count < 100; ++count) {
            many += "GET /refused HTTP/1.1\r\nHost: a\r\n\r\n";
        }
        while (client.send(many)) {
        }
    });
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 1; }));
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; })) << "it holds its exchange as long as it likes";
    client.shut_down();
    asker.join();
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST(patience, with_a_broken_answer_costs_the_next_request_nothing) {
    std::atomic<int> round{0};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            if (round++ % 2 == 0) {
                peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
                return;
            }
            peer.send(ok("whole"));
        }
    }};
    running_proxy proxy{upstream.port()};
    for (int count = 0; count < 5; ++count) {
        auto client = proxy.connect();
        client.send(get);
        EXPECT_THAT(client.receive_to_end(), Not(EndsWith("\r\n0\r\n\r\n")));
        auto other = proxy.connect();
        other.send(get);
        EXPECT_EQ(read_response(other).body, "whole");
    }
}

TEST(patience, with_a_hundred_clients_at_once_in_each_kind_of_delay_leaves_nothing_open) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) { static_cast<void>(peer.receive_to_end()); }};
    running_proxy proxy{upstream.port(),
                        {.upstream = "response_timeout: 300ms",
                         .limits = "request_head_timeout: 300ms, request_body_timeout: 300ms, write_timeout: 300ms, idle_timeout: 300ms"}};
    std::vector<raw_socket> clients;
    for (int count = 0; count < 100; ++count) {
        clients.push_back(proxy.connect());
        clients.back().send(std::array<std::string, 5>{"", "GET /", get, post + "\r\nab", post}.at(static_cast<std::size_t>(count) % 5));
    }
    for (auto& client : clients) {
        static_cast<void>(client.receive_to_end());
    }
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }));
    EXPECT_EQ(proxy.service().counts().exchanges, 0U);
}

} // namespace
