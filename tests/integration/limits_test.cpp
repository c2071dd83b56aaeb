// How many connections are open at once: over max_connections the rest wait in the
// accept queue, over max_connections_per_address they are closed.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/support/websocket.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(connection_limits, who_is_over_the_limit_waits_and_is_served_when_another_leaves) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "max_connections: 3", .threads = 2}};
    std::vector<raw_socket> open;
    for (int index = 0; index < 3; ++index) {
        open.push_back(proxy.connect());
        open.back().send(get);
        EXPECT_EQ(read_response(open.back()).status(), 200);
    }
    auto waiting = proxy.connect();
    waiting.send(get);
    EXPECT_EQ(waiting.receive_for(300ms), "");
    EXPECT_EQ(waiting.ended(), ending::none);
    EXPECT_EQ(proxy.service().counts().connections, 3U);

    open.pop_back();
    EXPECT_EQ(read_response(waiting).status(), 200);
    EXPECT_EQ(proxy.service().counts().connections, 3U);
}

TEST(connection_limits, a_crowd_in_the_queue_is_served_to_the_last) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "max_connections: 5", .threads = 2}};
    std::vector<raw_socket> crowd;
    for (int index = 0; index < 60; ++index) {
        crowd.push_back(proxy.connect());
        crowd.back().send("GET /public HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    for (auto& each : crowd) {
        EXPECT_EQ(read_response(each).status(), 200);
        each.close();
    }
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }));
}

TEST(connection_limits, one_address_has_no_more_than_its_share) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.limits = "max_connections_per_address: 2", .threads = 2}};
    auto first = proxy.connect();
    auto second = proxy.connect();
    for (raw_socket* each : {&first, &second}) {
        each->send(get);
        EXPECT_EQ(read_response(*each).status(), 200);
    }
    auto third = proxy.connect();
    EXPECT_EQ(third.receive_to_end(), "") << "closed without a word";

    first.close();
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 1; }));
    auto fourth = proxy.connect();
    fourth.send(get);
    EXPECT_EQ(read_response(fourth).status(), 200);
    second.send(get);
    EXPECT_EQ(read_response(second).status(), 200) << "those that are open are not disturbed";
}

TEST(connection_limits, an_open_websocket_counts_for_its_address) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        peer.send(accepted());
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port(), {.limits = "max_connections_per_address: 1"}};
    auto socket = proxy.connect();
    socket.send(handshake("/public"));
    EXPECT_EQ(read_response(socket).status(), 101);
    auto other = proxy.connect();
    EXPECT_EQ(other.receive_to_end(), "");

    socket.close();
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }));
    auto again = proxy.connect();
    again.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(read_response(again, "HEAD").status(), 401);
}

} // namespace
