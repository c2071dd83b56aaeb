// Starting, draining, stopping: nothing is cut that may finish, nothing is left.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/support/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

std::size_t count_entries(const char* directory) {
    std::size_t count = 0;
    for (auto each = std::filesystem::directory_iterator(directory); each != std::filesystem::directory_iterator(); ++each) {
        ++count;
    }
    return count;
}
std::size_t open_descriptors() {
    return count_entries("/proc/self/fd");
}
std::size_t threads() {
    return count_entries("/proc/self/task");
}

/// Answers each request when it is told to.
struct gated {
    std::atomic<bool> open{false};
    scripted_upstream upstream{[this](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            EXPECT_TRUE(wait_until([this] { return open.load(); }));
            peer.send(ok("finished"));
        }
    }};
};

TEST(lifecycle_drain, lets_requests_finish_and_says_that_the_connection_closes) {
    gated app;
    running_proxy proxy{app.upstream.port()};
    auto busy = proxy.connect();
    auto idle = proxy.connect();
    busy.send(get);
    ASSERT_TRUE(wait_until([&] { return !app.upstream.received().empty(); }));
    ASSERT_TRUE(wait_until([&] { return proxy.service().counts().connections == 2; }));
    proxy.service().drain();
    EXPECT_EQ(idle.receive_to_end(), "");
    EXPECT_TRUE(wait_until([&] {
        try {
            static_cast<void>(proxy.connect());
            return false;
        } catch (const std::runtime_error&) {
            return true;
        }
    })) << "a new connection is refused";
    app.open = true;
    const auto answer = read_response(busy);
    EXPECT_EQ(answer.body, "finished");
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_EQ(busy.receive_to_end(), "");
    busy.close();
    proxy.service().wait();
}

TEST(lifecycle_drain, closes_a_connection_that_is_idle_after_a_request) {
    scripted_upstream upstream{answer_always(ok(random_bytes(100'000, 1)))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    for (int round = 0; round < 3; ++round) {
        client.send("POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n" + std::string(50'000, 'x'));
        EXPECT_EQ(read_response(client).body.size(), 100'000U);
    }
    proxy.service().drain();
    EXPECT_EQ(client.receive_to_end(), "");
    proxy.service().wait();
}

TEST(lifecycle_drain, serves_as_before_until_the_delay_is_over) {
    scripted_upstream upstream{answer_always(ok("hello"))};
    running_proxy proxy{upstream.port(), {.limits = "drain_delay: 400ms"}};
    auto idle = proxy.connect();
    idle.send(get);
    EXPECT_EQ(read_response(idle).body, "hello");
    const auto start = std::chrono::steady_clock::now();
    proxy.service().drain();
    std::jthread waits([&] { proxy.service().wait(); });
    auto fresh = proxy.connect();
    for (raw_socket* each : {&fresh, &idle}) {
        each->send(get);
        const auto answer = read_response(*each);
        if (std::chrono::steady_clock::now() - start < 400ms) { // a slow machine asks too late
            EXPECT_EQ(answer.body, "hello");
            EXPECT_EQ(answer.field("Connection"), "");
        }
    }
    EXPECT_EQ(idle.receive_to_end(), "");
    EXPECT_GE(std::chrono::steady_clock::now() - start, 400ms);
}

TEST(lifecycle_stop, a_delay_can_be_cut_short) {
    running_proxy proxy(proxy_options{.limits = "drain_delay: 1h"});
    proxy.service().drain();
    std::jthread waits([&] { proxy.service().wait(); });
    proxy.service().stop();
}

TEST(lifecycle_drain, ends_after_its_time) {
    gated app;
    running_proxy proxy{app.upstream.port(), {.limits = "drain_timeout: 200ms"}};
    auto busy = proxy.connect();
    busy.send(get);
    ASSERT_TRUE(wait_until([&] { return !app.upstream.received().empty(); }));
    const auto start = std::chrono::steady_clock::now();
    proxy.service().drain();
    proxy.service().wait();
    EXPECT_GE(std::chrono::steady_clock::now() - start, 200ms);
    EXPECT_EQ(busy.receive_to_end(), "");
    app.open = true;
}

/// Connections in every state that a connection can be in.
struct everything_open {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            const auto head = peer.receive_until("\r\n\r\n");
            if (head.starts_with("GET /public/socket")) {
                peer.send(accepted());
            } else if (head.starts_with("GET /public/stream")) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc");
            } else if (head.starts_with("GET /public/flood")) {
                peer.send("HTTP/1.1 200 OK\r\n\r\n");
                while (peer.send(std::string(10'000, 'x'))) {
                }
            } else if (head.starts_with("GET /public/done")) {
                peer.send(ok("done"));
            }
        }
    }};
    running_proxy proxy;
    std::vector<raw_socket> clients;

    explicit everything_open(unsigned threads = 1) : proxy(upstream.port(), {.threads = threads}) {
        const std::string host = " HTTP/1.1\r\nHost: a\r\n\r\n";
        const std::string start = "POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n";
        for (const std::string& bytes :
             {std::string(), std::string("GET /pub"), "GET /public/wait" + host, "GET /public/stream" + host, "GET /public/flood" + host,
              "GET /public/done" + host, start + "\r\nabc", start + "Expect: 100-continue\r\n\r\n", handshake("/public/socket"),
              handshake("/ws"), std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"), std::string("BAD\r\n\r\n")}) {
            clients.push_back(proxy.connect(4096));
            clients.back().send(bytes);
        }
        EXPECT_EQ(read_response(clients[5]).body, "done");
        EXPECT_TRUE(wait_until([&] { return proxy.service().counts().websockets == 1; }));
        std::this_thread::sleep_for(30ms);
    }
};

/// How long a stop takes with connections in every state.
std::chrono::milliseconds time_to_stop() {
    everything_open all;
    const auto start = std::chrono::steady_clock::now();
    all.proxy.service().stop();
    all.proxy.service().wait();
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(all.proxy.service().counts().connections, 0U);
    for (auto& client : all.clients) {
        static_cast<void>(client.receive_to_end());
    }
    return std::chrono::ceil<std::chrono::milliseconds>(took);
}

TEST(lifecycle_stop, waits_for_nobody) {
    // Anything that waits takes a second at least, every time; a busy machine only now and then.
    auto best = time_to_stop();
    for (int round = 0; round < 5 && best > 500ms; ++round) {
        best = std::min(best, time_to_stop());
    }
    EXPECT_LT(best, 1s);
}

TEST(lifecycle_stop, a_drain_can_be_cut_short) {
    everything_open all;
    all.proxy.service().drain();
    std::this_thread::sleep_for(50ms);
    all.proxy.service().stop();
    all.proxy.service().wait();
    EXPECT_EQ(all.proxy.service().counts().connections, 0U);
}

TEST(lifecycle_stop, destruction_alone_is_enough) {
    everything_open all;
    all.proxy.end();
    for (auto& client : all.clients) {
        static_cast<void>(client.receive_to_end());
    }
}

TEST(lifecycle_stop, can_be_said_twice_from_any_thread_before_and_after) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port(), {.threads = 2}};
    std::vector<std::thread> callers;
    for (int count = 0; count < 4; ++count) {
        callers.emplace_back([&] {
            proxy.service().drain();
            proxy.service().stop();
            proxy.service().drain();
        });
    }
    for (auto& each : callers) {
        each.join();
    }
    proxy.service().wait();
    proxy.service().wait();
    proxy.service().stop();
}

TEST(lifecycle_stop, in_the_middle_of_requests_ends_all_of_them) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port()};
    std::vector<raw_socket> clients;
    for (int count = 0; count < 20; ++count) {
        clients.push_back(proxy.connect());
        clients.back().send(get);
    }
    proxy.service().stop(); // in the middle of it, whatever it is
    proxy.service().wait();
    EXPECT_EQ(proxy.service().counts().connections, 0U);
}

TEST(lifecycle_restarts, leave_no_thread_and_no_descriptor_behind) {
    {
        const everything_open warm_up;
    }
    const auto descriptors = open_descriptors();
    const auto running = threads();
    for (int round = 0; round < 20; ++round) {
        const everything_open all{round % 2 == 0 ? 1U : 2U};
    }
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_EQ(threads(), running);
}

TEST(lifecycle_restarts, a_server_that_can_not_listen_says_where_and_leaves_nothing) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    const auto descriptors = open_descriptors();
    try {
        const running_proxy proxy{upstream.port(), {.listen = "192.0.2.1:1"}};
        FAIL() << "nobody can listen there";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("192.0.2.1:1"));
    }
    EXPECT_EQ(open_descriptors(), descriptors);
}

} // namespace
