// What runs while an app takes its time: each timeout measures what its name says,
// and neither direction sleeps through what the other one waited for.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

constexpr std::size_t large = std::size_t{24} * 1024 * 1024; // more than the kernel takes on the way

std::string post(std::size_t length) {
    return "POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

TEST(app_patience, counts_from_the_requests_end) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        std::this_thread::sleep_for(1s);
        EXPECT_EQ(read_request(peer).body.size(), large);
        peer.send(ok("hi"));
    }};
    running_proxy proxy{upstream.port(), {.upstream = "response_timeout: 300ms"}};
    auto client = proxy.connect();
    std::thread sender([&] { client.send(post(large) + std::string(large, 'x')); });
    EXPECT_EQ(read_response(client).body, "hi");
    sender.join();
}

TEST(app_patience, with_one_that_reads_slowly_starts_again_with_each_byte) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        for (int part = 0; part < 8; ++part) {
            std::this_thread::sleep_for(200ms);
            static_cast<void>(peer.receive_exactly(large / 8));
        }
        peer.send(ok("hi"));
    }};
    running_proxy proxy{upstream.port(), {.upstream = "write_timeout: 1s, response_timeout: 1s"}};
    auto client = proxy.connect();
    std::thread sender([&] { client.send(post(large) + std::string(large, 'x')); });
    EXPECT_EQ(read_response(client).body, "hi");
    sender.join();
}

TEST(app_patience, with_one_that_reads_nothing_ends_in_a_504) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) { static_cast<void>(peer.wait_for_end(8s)); }};
    for (const bool chunks : {false, true}) {
        running_proxy proxy{upstream.port(), {.upstream = "write_timeout: 300ms"}};
        auto client = proxy.connect();
        const auto began = std::chrono::steady_clock::now();
        std::thread sender([&] {
            client.send(chunks ? "POST /public HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                     chunked(std::string(large, 'x'), 1'000'000)
                               : post(large) + std::string(large, 'x'));
        });
        EXPECT_EQ(read_response(client).status(), 504);
        EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
        sender.join();
    }
}

TEST(app_patience, has_no_say_while_the_client_sends_slowly) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.upstream = "write_timeout: 100ms, response_timeout: 200ms"}};
    auto client = proxy.connect();
    client.send(post(3));
    for (int byte = 0; byte < 3; ++byte) {
        std::this_thread::sleep_for(400ms);
        client.send("x");
    }
    EXPECT_EQ(read_response(client).body, "hi");
}

TEST(app_patience, with_one_that_hung_up_its_receiving_side_ends_too) {
    const std::string path = ::testing::TempDir() + "half_closed_" + std::to_string(::getpid());
    std::atomic<bool> half_closed{false};
    scripted_upstream upstream{[&half_closed](raw_socket& peer, std::size_t) {
                                   peer.stop_reading();
                                   half_closed = true;
                                   std::this_thread::sleep_for(1500ms);
                               },
                               listen_on_unix(path)};
    running_proxy proxy{{.upstream = "response_timeout: 300ms", .servers = "\"unix:" + path + '"'}};
    auto client = proxy.connect();
    client.send(post(large));
    ASSERT_TRUE(wait_until([&] { return half_closed.load(); })) << "a writer that is blocked already is not notified";
    std::thread sender([&] { client.send(std::string(large, 'x')); });
    EXPECT_EQ(read_response(client).status(), 504) << "no answer and no end comes";
    sender.join();
    ::unlink(path.c_str());
}

/// 1xx responses that fill the way to a client that doesn't read yet.
std::string many_hints() {
    std::string hints;
    for (int count = 0; count < 40; ++count) {
        hints += "HTTP/1.1 103 Early Hints\r\nLink: </" + std::string(20'000, 'x') + ">\r\n\r\n";
    }
    return hints;
}

TEST(blocked_interim, does_not_hold_up_the_requests_body) {
    std::atomic<bool> whole{false};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n1"));
        std::thread hints([&] { peer.send(many_hints()); });
        static_cast<void>(peer.receive_exactly(9));
        whole = true;
        hints.join();
        peer.send(ok("got it"));
    }};
    running_proxy proxy{upstream.port(), {.limits = "request_body_timeout: 2s"}};
    auto client = proxy.connect(2048);
    client.send(post(10) + "1");
    std::this_thread::sleep_for(300ms);
    client.send("234567890");
    EXPECT_TRUE(wait_until([&] { return whole.load(); }, 5s)) << "while the client reads nothing";
    auto answer = read_response(client);
    while (answer.status() == 103) {
        answer = read_response(client);
    }
    EXPECT_EQ(answer.body, "got it");
}

TEST(blocked_interim, that_is_never_read_ends_the_request) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(read_request(peer));
        while (peer.send(many_hints())) {
        }
    }};
    for (const std::string& timeouts : {"response_timeout: 30s", "response_timeout: 300ms"}) {
        running_proxy proxy{upstream.port(), {.upstream = timeouts, .limits = "write_timeout: 1s"}};
        auto client = proxy.connect(2048);
        client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 1; }));
        EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }, 5s));
        EXPECT_EQ(client.receive_to_end().find("504"), std::string::npos) << "no answer begins within another message";
    }
}

TEST(interim_flood, holds_up_nobody_else) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        if (read_request(peer).head.find("/public/flood") == std::string::npos) {
            peer.send(ok("hi"));
            return;
        }
        std::string hints;
        for (int count = 0; count < 2000; ++count) {
            hints += "HTTP/1.1 103 Early Hints\r\n\r\n";
        }
        while (peer.send(hints)) {
        }
    }};
    running_proxy proxy{upstream.port()};
    auto flooded = proxy.connect();
    flooded.send("GET /public/flood HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread reader([&] { static_cast<void>(flooded.receive_for(1s)); });
    for (int round = 0; round < 5; ++round) {
        auto client = proxy.connect();
        client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(read_response(client).body, "hi");
    }
    reader.join();
}

} // namespace
