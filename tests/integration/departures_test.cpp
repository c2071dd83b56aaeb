// Clients that leave end the app's work, however much they sent before; those that
// only ended their side get their answers.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string post = "POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

TEST(upstream_cancel, a_client_that_ended_its_side_behind_two_requests_gets_both_answers) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(read_request(peer));
            std::this_thread::sleep_for(200ms);
            peer.send(ok("hi"));
        }
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(get + get);
    client.half_close();
    EXPECT_EQ(read_response(client).body, "hi");
    EXPECT_EQ(read_response(client).body, "hi");
    EXPECT_EQ(client.receive_to_end(), "");
}

/// How a client leaves, and what it did before.
struct departure {
    std::string name;
    std::string before;             ///< sent first
    std::string answer;             ///< what the app says then
    std::string behind;             ///< sent behind it
    bool reads_request_only = true; ///< else the app reads all
};

struct departures : ::testing::TestWithParam<departure> {};

TEST_P(departures, end_the_apps_work_whatever_was_sent_before) {
    const auto& one = GetParam();
    for (const bool with_reset : {false, true}) {
        scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
            static_cast<void>(peer.receive_until("\r\n\r\n"));
            peer.send(one.answer);
            if (one.reads_request_only) {
                EXPECT_TRUE(peer.wait_for_end(8s)) << one.name;
            } else {
                static_cast<void>(peer.receive_to_end());
            }
        }};
        running_proxy proxy{upstream.port()};
        auto client = proxy.connect();
        client.send(one.before);
        ASSERT_TRUE(wait_until([&] { return upstream.received().find("\r\n\r\n") != std::string::npos; }));
        if (!one.answer.empty()) {
            static_cast<void>(client.receive_until("\r\n\r\n"));
        }
        client.send(one.behind);
        std::this_thread::sleep_for(100ms);
        with_reset ? client.reset() : client.close();
        EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }, 4s)) << (with_reset ? "reset" : "end");
        EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }, 4s));
    }
}

const std::string events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

std::string begin_post(std::size_t length) {
    return "POST /public HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    clients, departures,
    ::testing::Values(departure{"a_byte_while_it_thinks", get, "", "x"}, departure{"a_byte_in_the_answer", get, events, "x"},
                      departure{"a_request_while_it_thinks", get, "", get}, departure{"a_request_with_the_first", get + get, "", ""},
                      departure{"many_bytes", get, events, std::string(20'000, 'x')}, departure{"after_a_103", get, interim, "x"},
                      departure{"a_byte_behind_a_body", post, "", "x"}, departure{"in_its_body", begin_post(10) + "abc", "", "d", false},
                      departure{"in_its_body_and_the_answer", begin_post(10) + "abc", events, "d", false},
                      departure{"with_a_body_that_nobody_reads", begin_post(300'000), "", std::string(300'000, 'x')}),
    [](const auto& of) { return of.param.name; });

TEST(upstream_cancel, a_client_whose_side_broke_while_the_app_takes_nothing_ends_it) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        EXPECT_TRUE(peer.wait_for_end(8s));
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    const std::string body(std::size_t{32} * 1024 * 1024, 'x');
    std::thread sender([&] { client.send(begin_post(body.size()) + body); });
    ASSERT_TRUE(wait_until([&] { return upstream.connections() == 1; }));
    std::this_thread::sleep_for(300ms); // the way is full by now
    client.abort_connection();
    sender.join();
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }, 4s));
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }, 4s));
}

} // namespace
