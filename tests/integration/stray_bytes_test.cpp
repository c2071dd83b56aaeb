// One client's bytes are never another's answer: what an app sends where nothing
// should come ends its connection, and where that can be late the connection rests
// before it serves again, or serves no more.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::string evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

std::string request(std::string_view method, std::string_view path, std::string_view fields = "") {
    return std::string(method) + " /public" + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

message ask(raw_socket& client, std::string_view method, std::string_view path) {
    client.send(request(method, path));
    return read_response(client, method);
}

/// An answer without a body, and what the app sends behind it.
struct bodiless {
    std::string name;
    std::string method;
    std::string answer;
};

/// Sends a body behind the answer, as some apps do, when it likes; answers others with "own".
scripted_upstream::script send_late(const bodiless& one) {
    return [one](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            if (read_request(peer).head.find("/public/bodiless ") == std::string::npos) {
                peer.send(ok("own"));
                continue;
            }
            peer.send(one.answer);
            std::this_thread::sleep_for(20ms);
            peer.send(evil);
        }
    };
}

struct stray_bytes : ::testing::TestWithParam<bodiless> {};

TEST_P(stray_bytes, are_nobodys_answer) {
    scripted_upstream upstream{send_late(GetParam())};
    running_proxy proxy{upstream.port()};
    for (int round = 0; round < 10; ++round) {
        auto attacker = proxy.connect();
        auto victim = proxy.connect();
        EXPECT_EQ(ask(attacker, GetParam().method, "/bodiless").body, "");
        EXPECT_EQ(ask(victim, "GET", "").body, "own") << round;
        EXPECT_EQ(ask(attacker, "GET", "").body, "own") << round;
    }
}

TEST_P(stray_bytes, end_the_reuse_of_such_connections_for_good) {
    scripted_upstream upstream{send_late(GetParam())};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    static_cast<void>(ask(client, GetParam().method, "/bodiless"));
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; })) << "the connection is thrown away";
    for (std::size_t round = 2; round <= 4; ++round) {
        static_cast<void>(ask(client, GetParam().method, "/bodiless"));
        EXPECT_EQ(upstream.connections(), round);
        EXPECT_TRUE(wait_until([&] { return upstream.finished() == round; }, 200ms)) << "it does not even rest";
    }
}

INSTANTIATE_TEST_SUITE_P(answers, stray_bytes,
                         ::testing::Values(bodiless{"head", "HEAD",
                                                    "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(evil.size()) + "\r\n\r\n"},
                                           bodiless{"no_content", "GET", "HTTP/1.1 204 No Content\r\n\r\n"},
                                           bodiless{"no_content_after_delete", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n"},
                                           bodiless{"reset_content", "GET", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
                                           bodiless{"not_modified", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 44\r\n\r\n"}),
                         [](const auto& of) { return of.param.name; });

TEST(bodiless_answers, let_their_connection_rest_beside_newer_ones) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            const bool bare = read_request(peer).head.find("/public/204 ") != std::string::npos;
            peer.send(bare ? "HTTP/1.1 204 No Content\r\n\r\n" : ok("own"));
        }
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, "GET", "/204").status(), 204);
    EXPECT_EQ(ask(client, "GET", "").body, "own");
    EXPECT_EQ(upstream.connections(), 2U) << "the first one rests";
    std::this_thread::sleep_for(600ms);
    EXPECT_EQ(ask(client, "GET", "/newest").body, "own");
    EXPECT_THAT(upstream.received(1), HasSubstr("/public/newest ")) << "one that has rested is not the newest";
    EXPECT_EQ(upstream.finished(), 0U);
}

TEST(bodiless_answers, that_brought_nothing_more_let_their_connection_serve_again) {
    scripted_upstream upstream{answer_always("HTTP/1.1 204 No Content\r\n\r\n")};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(ask(client, "GET", "").status(), 204);
        std::this_thread::sleep_for(600ms);
    }
    EXPECT_EQ(upstream.connections(), 1U);
}

TEST(bodiless_answers, to_head_never_let_their_connection_serve_again) {
    scripted_upstream upstream{answer_always("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    for (std::size_t round = 1; round <= 3; ++round) {
        EXPECT_EQ(ask(client, "HEAD", "").status(), 200);
        EXPECT_TRUE(wait_until([&] { return upstream.finished() == round; }));
        EXPECT_EQ(upstream.connections(), round);
    }
}

TEST(bodiless_answers, that_rest_count_as_idle_ones) {
    scripted_upstream upstream{answer_always("HTTP/1.1 204 No Content\r\n\r\n")};
    running_proxy proxy{upstream.port(), {.upstream = "max_idle_connections: 1"}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, "GET", "").status(), 204);
    EXPECT_EQ(ask(client, "GET", "").status(), 204);
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; })) << "there is room for one";
}

TEST(bodiless_answers, that_rest_give_way_to_connections_that_can_serve) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            const bool bare = read_request(peer).head.find("/public/204 ") != std::string::npos;
            peer.send(bare ? "HTTP/1.1 204 No Content\r\n\r\n" : ok("own"));
        }
    }};
    running_proxy proxy{upstream.port(), {.upstream = "max_idle_connections: 1"}};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, "GET", "/204").status(), 204);
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(ask(client, "GET", "").body, "own");
        EXPECT_EQ(upstream.connections(), 2U) << round;
    }
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; })) << "the one that rested";
}

TEST(bodiless_answers, whose_body_comes_after_later_answers_are_remembered) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            if (read_request(peer).head.find("/public/204 ") != std::string::npos) {
                peer.send("HTTP/1.1 204 No Content\r\n\r\n");
                continue;
            }
            peer.send(ok("own"));
            std::this_thread::sleep_for(20ms);
            peer.send(evil);
        }
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    EXPECT_EQ(ask(client, "GET", "/204").status(), 204);
    std::this_thread::sleep_for(600ms);
    EXPECT_EQ(ask(client, "GET", "").body, "own");
    EXPECT_EQ(upstream.connections(), 1U) << "it has rested";
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
    EXPECT_EQ(ask(client, "GET", "/204").status(), 204);
    EXPECT_EQ(upstream.connections(), 2U);
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 2; }, 200ms)) << "it does not even rest";
}

TEST(awaited_continue, that_never_came_ends_the_connection) {
    for (const std::string interim : {"", "HTTP/1.1 100 Continue\r\n\r\n"}) {
        scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
            while (peer.has_more()) {
                static_cast<void>(peer.receive_until("\r\n\r\n"));
                peer.send(interim);
                static_cast<void>(peer.receive_exactly(2));
                peer.send(ok("got it"));
            }
        }};
        running_proxy proxy{upstream.port()};
        auto client = proxy.connect();
        const auto post = request("POST", "", "Content-Length: 2\r\nExpect: 100-continue\r\n") + "hi";
        for (int round = 0; round < 2; ++round) {
            client.send(post);
            auto answer = read_response(client);
            if (answer.status() == 100) {
                answer = read_response(client);
            }
            EXPECT_EQ(answer.body, "got it");
        }
        EXPECT_EQ(upstream.connections(), interim.empty() ? 2U : 1U) << "a 100 may still be on its way";
    }
}

TEST(unread_bodies, end_the_connection_that_waits_for_the_rest_of_the_body) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        while (peer.has_more()) {
            static_cast<void>(peer.receive_until("\r\n\r\n"));
            peer.send(ok("early"));
        }
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(request("POST", "", "Content-Length: 60\r\n"));
    EXPECT_EQ(read_response(client).body, "early");
    client.send(std::string(60, 'x'));
    auto other = proxy.connect();
    EXPECT_EQ(ask(other, "GET", "/next").body, "early");
    EXPECT_EQ(upstream.connections(), 2U);
    EXPECT_THAT(upstream.received(1), HasSubstr("GET /public/next "));
}

/// What an app may say of a body's length, and how it is understood.
struct length_case {
    std::string name;
    std::string bytes;
    std::string body;
    std::size_t connections; ///< for two requests
};

struct understood_lengths : ::testing::TestWithParam<length_case> {};

TEST_P(understood_lengths, are_framed_anew) {
    scripted_upstream upstream{answer_always(GetParam().bytes)};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    for (int round = 0; round < 2; ++round) {
        const auto answer = ask(client, "GET", "");
        EXPECT_EQ(answer.body, GetParam().body);
        EXPECT_EQ(answer.fields("Content-Length").size() + answer.fields("Transfer-Encoding").size(), 1U) << answer.head;
        EXPECT_THAT(answer.field("Content-Length"), ::testing::AnyOf("", "2"));
    }
    EXPECT_EQ(upstream.connections(), GetParam().connections);
}

INSTANTIATE_TEST_SUITE_P(
    answers, understood_lengths,
    ::testing::Values(length_case{"twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", "hi", 1},
                      length_case{"list", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi", "hi", 1},
                      length_case{"beside_chunked",
                                  "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "hi",
                                  2},
                      length_case{"padded_sizes", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2  \r\nhi\r\n0 \r\n\r\n", "hi", 1},
                      length_case{"odd_status", "HTTP/1.1 999 Denied\r\nContent-Length: 2\r\n\r\nhi", "hi", 1}),
    [](const auto& of) { return of.param.name; });

} // namespace
