// Clients that are slow, silent, don't read, or are too many.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(client_timeouts, a_head_that_does_not_end_is_a_408) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "request_head_timeout: 200ms"}};
    for (const std::string start : {"G", "GET /public HTTP/1.1\r\nHost: a\r\n"}) {
        auto client = proxy.connect();
        client.send(start);
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), 408);
        EXPECT_EQ(answer.field("Connection"), "close");
        EXPECT_EQ(client.receive_to_end(), "");
    }
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST(client_timeouts, a_head_that_trickles_is_a_408_all_the_same) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "request_head_timeout: 300ms"}};
    auto client = proxy.connect();
    std::atomic<bool> over{false};
    std::thread trickle([&] {
        client.send("GET / HTTP/1.1\r\n");
        while (!over && client.send("A: b\r\n")) {
            std::this_thread::sleep_for(20ms);
        }
    });
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(read_response(client).status(), 408);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1500ms);
    over = true;
    trickle.join();
}

TEST(client_timeouts, a_body_that_stops_is_a_408) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) { static_cast<void>(peer.receive_to_end()); }};
    running_proxy proxy{upstream.port(), {.limits = "request_body_timeout: 200ms"}};
    auto client = proxy.connect();
    client.send("POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(read_response(client).status(), 408);
    EXPECT_EQ(client.receive_to_end(), "");
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
}

TEST(client_timeouts, a_body_that_trickles_is_patiently_read) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "request_body_timeout: 300ms"}};
    auto client = proxy.connect();
    client.send("POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
    for (int byte = 0; byte < 10; ++byte) {
        std::this_thread::sleep_for(100ms);
        client.send("x");
    }
    EXPECT_EQ(read_response(client).body, "hi");
}

TEST(client_timeouts, a_client_that_does_not_read_is_cut_off) {
    std::atomic<bool> cut{false};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        const std::string block(100'000, 'x');
        while (peer.send(block)) {
        }
        cut = true;
    }};
    running_proxy proxy{upstream.port(), {.limits = "write_timeout: 200ms"}};
    auto client = proxy.connect(4096);
    client.send(get);
    EXPECT_TRUE(wait_until([&] { return cut.load(); }, 5s));
}

TEST(client_timeouts, an_idle_connection_ends_without_a_word) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "idle_timeout: 200ms"}};
    auto fresh = proxy.connect();
    auto used = proxy.connect();
    used.send(get);
    EXPECT_EQ(read_response(used).body, "hi");
    EXPECT_EQ(fresh.receive_to_end(), "");
    EXPECT_EQ(used.receive_to_end(), "");
    EXPECT_EQ(fresh.ended(), ending::closed);
    EXPECT_EQ(used.ended(), ending::closed);
}

TEST(client_timeouts, idle_time_starts_anew_with_each_request) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "idle_timeout: 400ms"}};
    auto client = proxy.connect();
    for (int round = 0; round < 5; ++round) {
        std::this_thread::sleep_for(200ms);
        client.send(get);
        EXPECT_EQ(read_response(client).body, "hi");
    }
}

TEST(client_limits, connections_over_the_limit_wait_until_one_ends) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "max_connections: 2"}};
    std::vector<raw_socket> clients;
    for (int count = 0; count < 4; ++count) {
        clients.push_back(proxy.connect());
        clients.back().send(get);
    }
    EXPECT_EQ(read_response(clients[0]).body, "hi");
    EXPECT_EQ(read_response(clients[1]).body, "hi");
    EXPECT_EQ(clients[2].receive_for(300ms), "");
    EXPECT_EQ(proxy.service().counts().connections, 2U);
    clients[0].close();
    EXPECT_EQ(read_response(clients[2]).body, "hi");
    EXPECT_EQ(clients[3].receive_for(200ms), "");
    clients[1].close();
    EXPECT_EQ(read_response(clients[3]).body, "hi");
}

TEST(client_limits, a_connection_that_leaves_unread_bytes_behind_harms_nobody) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port()};
    for (int round = 0; round < 50; ++round) {
        auto client = proxy.connect();
        client.send(round % 2 == 0 ? get + get + get : "GET / HT");
        if (round % 3 == 0) {
            client.reset();
        }
    }
    auto client = proxy.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).body, "hi");
    client.close();
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }));
    EXPECT_EQ(proxy.service().counts().exchanges, 0U);
}

} // namespace
