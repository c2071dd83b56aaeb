// Bodies that pass through the kernel's pipes: whole, or visibly broken, and never those
// of another client.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t least_spliced = 256 * kibibyte;

std::string post(std::size_t length) {
    return "POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

void echo(raw_socket& peer, std::size_t) {
    while (peer.has_more()) {
        peer.send(ok(read_request(peer).body));
    }
}

struct large_bodies : ::testing::Test {
    scripted_upstream upstream{echo};
    running_proxy proxy{upstream.port()};
};

TEST_F(large_bodies, arrive_whole_at_every_size_around_the_limits) {
    auto client = proxy.connect();
    for (const std::size_t size : {least_spliced - 1, least_spliced, least_spliced + 1, least_spliced + 16 * kibibyte, 2 * least_spliced,
                                   1000 * kibibyte, 5000 * kibibyte + 7}) {
        const std::string body = random_bytes(size, static_cast<unsigned>(size));
        std::thread sender([&] { client.send(post(size) + body); });
        const auto answer = read_response(client);
        sender.join();
        EXPECT_TRUE(answer.body == body) << size;
    }
    EXPECT_EQ(upstream.connections(), 1U);
}

TEST_F(large_bodies, end_where_they_end_and_the_next_request_begins) {
    auto client = proxy.connect();
    const std::string body = random_bytes(1000 * kibibyte, 1);
    std::thread sender([&] { client.send(post(body.size()) + body + post(2) + "hi" + post(body.size()) + body); });
    EXPECT_TRUE(read_response(client).body == body);
    EXPECT_EQ(read_response(client).body, "hi");
    EXPECT_TRUE(read_response(client).body == body);
    sender.join();
}

TEST_F(large_bodies, of_more_clients_than_there_are_pipes_arrive_whole) {
    std::vector<std::thread> clients;
    for (unsigned number = 0; number < 40; ++number) {
        clients.emplace_back([&, number] {
            const std::string body = random_bytes(least_spliced * 3 + number, number);
            auto client = proxy.connect(4096);
            std::thread sender([&] { client.send(post(body.size()) + body); });
            EXPECT_TRUE(read_response(client).body == body) << number;
            sender.join();
        });
    }
    for (auto& each : clients) {
        each.join();
    }
}

TEST(large_bodies_slow, wait_for_a_client_that_reads_later) {
    const std::string body = random_bytes(8000 * kibibyte, 1);
    scripted_upstream upstream{answer_always(ok(body))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect(4096);
    client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(read_response(client).body == body);
}

TEST(large_bodies_slow, arrive_as_they_come_and_wait_for_nothing) {
    constexpr int pieces = 20;
    std::atomic<int> wanted{0};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + std::string(300'000, 'x'));
        for (int piece = 1; piece <= pieces; ++piece) {
            if (!wait_until([&] { return wanted >= piece; })) {
                return;
            }
            peer.send("piece" + std::to_string(piece) + ";");
        }
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
    static_cast<void>(client.receive_until("\r\n\r\n"));
    static_cast<void>(client.receive_exactly(300'000));
    const auto start = std::chrono::steady_clock::now();
    for (int piece = 1; piece <= pieces; ++piece) {
        wanted = piece;
        EXPECT_EQ(client.receive_until(";"), "piece" + std::to_string(piece) + ";");
    }
    // The kernel holds what is said to go on for 200 ms: that would make four seconds.
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2500ms);
}

TEST(large_bodies_broken, off_by_the_app_are_seen_to_be_broken_and_leave_nothing_to_the_next) {
    const std::string body = random_bytes(4000 * kibibyte, 1);
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t number) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        const std::string whole = ok(body);
        peer.send(number % 2 == 0 ? whole.substr(0, whole.size() / 2) : whole);
    }};
    running_proxy proxy{upstream.port()};
    for (int round = 0; round < 3; ++round) {
        auto cut = proxy.connect();
        cut.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_LT(cut.receive_to_end().size(), body.size());
        EXPECT_EQ(cut.ended(), ending::reset);
        auto whole = proxy.connect();
        whole.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(read_response(whole).body == body);
    }
}

TEST(large_bodies_broken, off_by_the_client_are_no_whole_request_and_leave_nothing_to_the_next) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t number) {
        if (number % 2 == 0) {
            static_cast<void>(peer.receive_to_end());
        } else {
            peer.send(ok(read_request(peer).body));
        }
    }};
    running_proxy proxy{upstream.port()};
    const std::string body = random_bytes(2000 * kibibyte, 2);
    for (std::size_t round = 0; round < 3; ++round) {
        auto leaving = proxy.connect();
        leaving.send(post(body.size()) + body.substr(0, body.size() / 2));
        leaving.close();
        ASSERT_TRUE(wait_until([&] { return upstream.finished() == 2 * round + 1; }));
        EXPECT_LT(upstream.received(2 * round).size(), body.size());
        auto staying = proxy.connect();
        std::thread sender([&] { staying.send(post(body.size()) + body); });
        EXPECT_TRUE(read_response(staying).body == body);
        sender.join();
        staying.close();
        ASSERT_TRUE(wait_until([&] { return upstream.finished() == 2 * round + 2; }));
    }
}

} // namespace
