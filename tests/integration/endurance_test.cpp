// Many requests, connections and threads: memory stays flat and nobody gets
// another's answer.
#include "tests/support/memory.hpp"
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/support/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace {

using namespace bearward::test;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

/// How much more memory is no growth, in bytes: sanitizers keep what was freed for a while.
#if defined(__has_feature) && (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
constexpr std::size_t allowance = 8 * 1024 * 1024;
#else
constexpr std::size_t allowance = 512 * 1024;
#endif

/// The least growth, in bytes, of five rounds of work after a first one. A leak shows in each of
/// them; how many stacks and arenas the threads of the upstream touch at once differs by round.
template <typename Work>
std::size_t least_growth(const Work& round_of_work) {
    round_of_work();
    std::size_t least = std::numeric_limits<std::size_t>::max();
    std::size_t before = private_memory();
    for (int round = 0; round < 5 && least > 0; ++round) {
        round_of_work();
        const std::size_t after = private_memory();
        least = std::min(least, after - std::min(after, before));
        before = after;
    }
    return least;
}

TEST(endurance_memory, stays_flat_over_many_requests) {
    // The upstream's log of what it received grows too, by some 200 bytes a request.
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    const auto growth = least_growth([&] {
        for (int round = 0; round < 1000; ++round) {
            client.send(get);
            EXPECT_EQ(read_response(client).body, "hi");
        }
    });
    EXPECT_LT(growth, allowance);
    EXPECT_EQ(upstream.connections(), 1U);
}

TEST(endurance_memory, of_connections_that_come_and_go_is_given_back) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port()};
    const auto growth = least_growth([&] {
        for (int round = 0; round < 300; ++round) {
            auto client = proxy.connect();
            client.send(round % 3 == 0 ? handshake("/socket-http") : get);
            static_cast<void>(read_response(client));
        }
    });
    EXPECT_LT(growth, allowance);
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }));
}

TEST(endurance_threads, many_clients_of_two_workers_get_their_own_answers) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            const auto request = read_request(peer);
            peer.send(ok(request.head.substr(0, request.head.find(" HTTP")) + request.field("X-User-Id") + request.body));
        }
    }};
    running_proxy proxy{upstream.port(), {.threads = 2}};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 8; ++caller) {
        callers.emplace_back([&proxy, caller] {
            const std::string user = "user" + std::to_string(caller);
            const std::string token = make_token({.user = user});
            auto client = proxy.connect();
            for (int round = 0; round < 40; ++round) {
                const std::string target = "/c" + std::to_string(caller) + "/" + std::to_string(round);
                const std::string body = random_bytes(static_cast<std::size_t>(round * 100), static_cast<unsigned>(caller));
                client.send("POST " + target + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token +
                            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
                EXPECT_EQ(read_response(client).body, "POST " + target + user + body);
                if (round % 10 == 9) {
                    client = proxy.connect();
                }
            }
        });
    }
    for (auto& each : callers) {
        each.join();
    }
}

} // namespace
