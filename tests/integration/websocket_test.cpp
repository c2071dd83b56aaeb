// Open WebSockets: bytes pass untouched both ways, and the proxy's own Closes.
#include "tests/support/memory.hpp"
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/support/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

/// Accepts, then sends back every byte until the end.
void echo_bytes(raw_socket& peer, std::size_t) {
    static_cast<void>(peer.receive_until("\r\n\r\n"));
    peer.send(accepted());
    while (peer.has_more()) {
        peer.send(peer.receive_exactly(1) + peer.receive_for(0ms));
    }
}

raw_socket open(const running_proxy& proxy, std::string_view target = "/public", std::string_view fields = "") {
    auto client = proxy.connect();
    client.send(handshake(target, fields));
    EXPECT_THAT(client.receive_until("\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 101 "));
    return client;
}

std::string bearer_entry(std::string_view token) {
    return "Sec-WebSocket-Protocol: chat, bearer, " + std::string(token) + "\r\n";
}

TEST(websocket_relay, the_upstream_sees_exactly_this_handshake) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(accepted("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\nSet-Cookie: a=b\r\n"));
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/ws?a=b", bearer_entry(make_token()) + "Origin: https://a\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
                                                                  "X-User-Id: root\r\nX-Request-Id: r\r\n"));
    const message answer{.head = client.receive_until("\r\n\r\n"), .body = {}, .trailers = {}};
    EXPECT_EQ(answer.status(), 101);
    EXPECT_EQ(answer.field("Sec-WebSocket-Accept"), socket_accept);
    EXPECT_EQ(answer.field("Sec-WebSocket-Protocol"), "chat");
    EXPECT_EQ(answer.field("Sec-WebSocket-Extensions"), "permessage-deflate");
    EXPECT_EQ(answer.field("Set-Cookie"), "a=b");
    EXPECT_EQ(upstream.received(), "GET /ws?a=b HTTP/1.1\r\n"
                                   "Host: a\r\n"
                                   "Origin: https://a\r\n"
                                   "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                                   "Upgrade: websocket\r\n"
                                   "Connection: Upgrade\r\n"
                                   "Sec-WebSocket-Version: 13\r\n"
                                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                   "Sec-WebSocket-Protocol: chat\r\n"
                                   "X-Forwarded-For: 127.0.0.1\r\n"
                                   "X-Forwarded-Proto: http\r\n"
                                   "X-Forwarded-Host: a\r\n"
                                   "X-Request-Id: r\r\n"
                                   "X-User-Id: ada\r\n"
                                   "X-Tenant-Id: acme\r\n"
                                   "X-User-Roles: reader\r\n"
                                   "\r\n");
}

TEST(websocket_relay, bytes_pass_untouched_both_ways_however_they_are_cut) {
    scripted_upstream upstream{echo_bytes};
    running_proxy proxy{upstream.port()};
    auto client = open(proxy);
    const std::string bytes = client_frame(opcode::text, "hel", false) + client_frame(opcode::ping, "p") +
                              client_frame(opcode::continuation, "lo") + client_frame(opcode::binary, random_bytes(70'000, 1)) +
                              client_frame(opcode::text, std::string(126, 'x'));
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, bytes.size()}) {
        const std::string part = size == 1 ? bytes.substr(0, 40) : bytes;
        for (std::size_t at = 0; at < part.size(); at += size) {
            client.send(std::string_view(part).substr(at, size));
        }
        EXPECT_TRUE(client.receive_exactly(part.size()) == part) << size;
    }
    EXPECT_EQ(proxy.service().counts().websockets, 1U);
}

TEST(websocket_relay, bytes_right_behind_the_handshakes_arrive_after_the_101) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        const auto head = peer.receive_until("\r\n\r\n");
        EXPECT_EQ(peer.receive_for(60ms), "") << "held back until the 101";
        peer.send(accepted() + server_frame(opcode::text, "first words"));
        const auto got = read_frame(peer);
        EXPECT_EQ(got.payload, "early");
        peer.send(server_frame(opcode::text, "done"));
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/public") + client_frame(opcode::text, "early"));
    static_cast<void>(client.receive_until("\r\n\r\n"));
    EXPECT_EQ(read_frame(client).payload, "first words");
    EXPECT_EQ(read_frame(client).payload, "done");
}

TEST(websocket_relay, bytes_behind_a_handshake_that_is_not_accepted_are_the_next_request) {
    scripted_upstream upstream{answer_always("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/public") + "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto first = read_response(client);
    EXPECT_EQ(first.status(), 403);
    EXPECT_EQ(first.body, "no");
    EXPECT_EQ(read_response(client).status(), 401);
    EXPECT_THAT(upstream.received(), Not(HasSubstr("/admin")));
}

struct bad_handshake : ::testing::TestWithParam<std::string> {};

TEST_P(bad_handshake, of_the_upstream_is_a_502) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(GetParam() + server_frame(opcode::text, "x"));
        EXPECT_EQ(peer.receive_to_end(), "");
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/public", "Sec-WebSocket-Protocol: chat\r\n") + client_frame(opcode::text, "early"));
    EXPECT_EQ(read_response(client).status(), 502);
    EXPECT_EQ(client.receive_to_end(), "");
}

INSTANTIATE_TEST_SUITE_P(
    answers, bad_handshake,
    ::testing::Values("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
                      "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                      "HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                      accepted("Sec-WebSocket-Protocol: other\r\n"),
                      accepted("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n")),
    [](const auto& of) { return "number" + std::to_string(of.index); });

/// Which subprotocol the answer names (proxy/BEHAVIOUR.md 9.6).
struct echo_case {
    std::string offered; ///< TOKEN stands for the token
    std::string forwarded;
    std::string chosen; ///< by the upstream
    std::string answered;
};

struct subprotocol : ::testing::TestWithParam<echo_case> {};

TEST_P(subprotocol, of_the_answer) {
    const auto token = make_token();
    const auto fill = [&](std::string text) {
        const auto at = text.find("TOKEN");
        return at == std::string::npos ? text : text.replace(at, 5, token);
    };
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(accepted(GetParam().chosen.empty() ? "" : "Sec-WebSocket-Protocol: " + GetParam().chosen + "\r\n"));
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    const bool in_query = GetParam().offered.find("TOKEN") == std::string::npos;
    const std::string offer = GetParam().offered.empty() ? "" : "Sec-WebSocket-Protocol: " + fill(GetParam().offered) + "\r\n";
    client.send(handshake(in_query ? "/ws?access_token=" + token : "/ws", offer));
    const message answer{.head = client.receive_until("\r\n\r\n"), .body = {}, .trailers = {}};
    EXPECT_EQ(answer.status(), 101);
    EXPECT_EQ(answer.field("Sec-WebSocket-Protocol"), fill(GetParam().answered));
    const message seen{.head = upstream.received(), .body = {}, .trailers = {}};
    EXPECT_EQ(seen.field("Sec-WebSocket-Protocol"), GetParam().forwarded);
    EXPECT_THAT(seen.head, Not(HasSubstr(token)));
}

INSTANTIATE_TEST_SUITE_P(offers, subprotocol,
                         ::testing::Values(echo_case{"", "", "", ""}, echo_case{"a, b", "a, b", "b", "b"}, echo_case{"a", "a", "", ""},
                                           echo_case{"bearer, TOKEN", "", "", "bearer"},
                                           echo_case{"chat, Access_Token, TOKEN", "chat", "", "Access_Token"},
                                           echo_case{"bearer, TOKEN, chat", "chat", "chat", "chat"},
                                           echo_case{"bearer.TOKEN, chat", "chat", "", "bearer.TOKEN"}, echo_case{"TOKEN", "", "", "TOKEN"},
                                           echo_case{"TOKEN, chat", "chat", "chat", "chat"}),
                         [](const auto& of) { return "number" + std::to_string(of.index); });

/// A rejected handshake.
struct rejection_case {
    std::string target;
    std::string fields;
    std::string reason; ///< of the Close; empty: HTTP
    int status = 101;
    std::string echoed{}; ///< subprotocol
};

struct rejected_socket : ::testing::TestWithParam<rejection_case> {};

TEST_P(rejected_socket, never_reaches_the_upstream) {
    scripted_upstream upstream{echo_bytes};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake(GetParam().target, GetParam().fields));
    const message answer{.head = client.receive_until("\r\n\r\n"), .body = {}, .trailers = {}};
    EXPECT_EQ(answer.status(), GetParam().status);
    if (GetParam().status == 101) {
        EXPECT_EQ(answer.field("Sec-WebSocket-Accept"), socket_accept);
        EXPECT_EQ(answer.field("Sec-WebSocket-Protocol"), GetParam().echoed);
        const auto close = read_frame(client);
        EXPECT_EQ(close.kind, opcode::close);
        EXPECT_FALSE(close.masked);
        EXPECT_EQ(close.code(), 1008U);
        EXPECT_EQ(close.reason(), GetParam().reason);
        client.send(client_frame(opcode::text, "x") + client_frame(opcode::close, close_payload(1008, "")));
        EXPECT_EQ(client.receive_to_end(), "");
        EXPECT_EQ(client.ended(), ending::closed);
    }
    EXPECT_EQ(upstream.connections(), 0U);
}

INSTANTIATE_TEST_SUITE_P(requests, rejected_socket,
                         ::testing::Values(rejection_case{"/ws", "", "Not authenticated"},
                                           rejection_case{"/ws", "Sec-WebSocket-Protocol: chat, b\r\n", "Not authenticated", 101, "chat"},
                                           rejection_case{"/ws", bearer_entry("abc"), "Could not validate credentials", 101, "bearer"},
                                           rejection_case{"/ws", bearer_entry(make_token({.lifetime = -60s})), "Token has expired", 101,
                                                          "bearer"},
                                           rejection_case{"/admin", bearer_entry(make_token()), "Not enough permissions", 101, "bearer"},
                                           rejection_case{"/ws?access_token=abc", authorized(), "More than one credential"},
                                           rejection_case{"/socket-http", "", "", 401}, rejection_case{"/socket-auto", "", "", 401},
                                           rejection_case{"/socket-auto", "Origin: https://a\r\n", "Not authenticated"},
                                           rejection_case{"/no-sockets", authorized(), "", 403}, rejection_case{"/x%2Fy", "", "", 400}),
                         [](const auto& of) { return "number" + std::to_string(of.index); });

TEST(websocket_rejection, does_not_wait_for_a_client_that_does_not_close) {
    scripted_upstream upstream{echo_bytes};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/ws"));
    static_cast<void>(client.receive_until("\r\n\r\n"));
    EXPECT_EQ(read_frame(client).code(), 1008U);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(client.receive_to_end(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST(websocket_rejection, does_not_hear_out_a_client_that_floods_instead_of_closing) {
    scripted_upstream upstream{answer_always(ok("hi"))};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/ws"));
    static_cast<void>(client.receive_until("\r\n\r\n"));
    const std::string flood = client_frame(opcode::binary, std::string(std::size_t{64} * 1024, 'x'));
    const auto start = std::chrono::steady_clock::now();
    std::size_t sent = 0;
    while (sent < 10'000 && client.send(flood)) {
        ++sent;
    }
    EXPECT_LT(sent, 1'000U) << "what the kernel's buffers take, and no more";
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    EXPECT_EQ(upstream.connections(), 0U);
}

TEST(websocket_expiry, closes_both_sides_between_two_frames) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(accepted() + server_frame(opcode::text, "hello"));
        EXPECT_EQ(read_frame(peer).payload, "hi");
        const auto close = read_frame(peer);
        EXPECT_EQ(close.kind, opcode::close);
        EXPECT_TRUE(close.masked);
        EXPECT_EQ(close.code(), 1008U);
        EXPECT_EQ(close.reason(), "Token has expired");
        EXPECT_EQ(peer.receive_to_end(), "");
    }};
    running_proxy proxy{upstream.port()};
    const auto start = std::chrono::steady_clock::now();
    auto client = open(proxy, "/ws", bearer_entry(make_token({.lifetime = 700ms})));
    client.send(client_frame(opcode::text, "hi"));
    EXPECT_EQ(read_frame(client).payload, "hello");
    const auto close = read_frame(client);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 500ms);
    EXPECT_EQ(close.kind, opcode::close);
    EXPECT_FALSE(close.masked);
    EXPECT_EQ(close.code(), 1008U);
    EXPECT_EQ(close.reason(), "Token has expired");
    client.send(client_frame(opcode::close, close_payload(1008, "")));
    EXPECT_EQ(client.receive_to_end(), "");
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().websockets == 0; }));
}

TEST(websocket_expiry, waits_for_the_end_of_a_frame) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        const auto message = server_frame(opcode::binary, std::string(1000, 'x'));
        peer.send(accepted() + message.substr(0, 500));
        std::this_thread::sleep_for(900ms);
        peer.send(message.substr(500) + server_frame(opcode::text, "too late"));
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = open(proxy, "/ws", bearer_entry(make_token({.lifetime = 500ms})));
    EXPECT_EQ(read_frame(client).payload, std::string(1000, 'x'));
    const auto close = read_frame(client);
    EXPECT_EQ(close.kind, opcode::close);
    EXPECT_EQ(close.code(), 1008U);
    client.send(client_frame(opcode::close, close_payload(1008, "")));
    EXPECT_EQ(client.receive_to_end(), "");
}

TEST(websocket_expiry, closes_nothing_where_the_route_says_so) {
    scripted_upstream upstream{echo_bytes};
    running_proxy proxy{upstream.port()};
    auto client = open(proxy, "/ageless", bearer_entry(make_token({.lifetime = 300ms})));
    EXPECT_EQ(client.receive_for(700ms), "");
    client.send(client_frame(opcode::text, "still here"));
    EXPECT_EQ(read_frame(client).payload, "still here");
}

TEST(websocket_relay, a_slow_reader_holds_back_the_sender_and_memory_stays_bounded) {
    const std::string big = server_frame(opcode::binary, random_bytes(std::size_t{32} * 1024 * 1024, 7));
    std::atomic<bool> all_sent{false};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(accepted());
        all_sent = peer.send(big);
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect(16 * 1024);
    client.send(handshake("/public"));
    static_cast<void>(client.receive_until("\r\n\r\n"));
    const auto before = private_memory();
    std::this_thread::sleep_for(300ms);
    EXPECT_LT(private_memory(), before + 2 * 1024 * 1024);
    EXPECT_FALSE(all_sent) << "what the client does not read must not be taken";
    EXPECT_TRUE(client.receive_exactly(big.size()) == big);
}

TEST(websocket_relay, big_messages_cross_each_other) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(accepted());
        std::thread sender([&] { peer.send(server_frame(opcode::binary, random_bytes(4'000'000, 2))); });
        EXPECT_TRUE(read_frame(peer).payload == random_bytes(4'000'000, 3));
        sender.join();
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = open(proxy);
    std::thread sender([&] { client.send(client_frame(opcode::binary, random_bytes(4'000'000, 3))); });
    EXPECT_TRUE(read_frame(client).payload == random_bytes(4'000'000, 2));
    sender.join();
    client.close();
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
}

TEST(websocket_ends, a_close_is_passed_on_and_answered) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(accepted());
        const auto close = read_frame(peer);
        peer.send(server_frame(opcode::close, close.payload));
    }};
    running_proxy proxy{upstream.port()};
    auto client = open(proxy);
    client.send(client_frame(opcode::close, close_payload(1000, "bye")));
    const auto answer = read_frame(client);
    EXPECT_EQ(answer.code(), 1000U);
    EXPECT_EQ(answer.reason(), "bye");
    EXPECT_EQ(client.receive_to_end(), "");
    client.close();
    EXPECT_TRUE(wait_until([&] { return proxy.service().counts().connections == 0; }));
}

TEST(websocket_ends, a_client_that_goes_takes_the_upstream_with_it) {
    for (int way = 0; way < 3; ++way) {
        scripted_upstream upstream{echo_bytes};
        running_proxy proxy{upstream.port()};
        auto client = open(proxy);
        client.send(client_frame(opcode::text, "x"));
        static_cast<void>(read_frame(client));
        way == 0 ? client.half_close() : way == 1 ? client.reset() : client.close();
        EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; })) << way;
        EXPECT_TRUE(wait_until([&] { return proxy.service().counts().websockets == 0; })) << way;
    }
}

TEST(websocket_ends, an_upstream_that_goes_takes_the_client_with_it) {
    for (const bool with_reset : {false, true}) {
        scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
            static_cast<void>(peer.receive_until("\r\n\r\n"));
            peer.send(accepted() + server_frame(opcode::text, "bye"));
            std::this_thread::sleep_for(20ms);
            if (with_reset) {
                peer.abort_connection();
            }
        }};
        running_proxy proxy{upstream.port()};
        auto client = open(proxy);
        EXPECT_EQ(read_frame(client).payload, "bye");
        EXPECT_EQ(client.receive_to_end(), "");
        client.close();
        EXPECT_TRUE(wait_until([&] { return proxy.service().counts().websockets == 0; })) << with_reset;
    }
}

TEST(websocket_ends, what_a_leaving_side_has_sent_still_arrives) {
    const std::string last = server_frame(opcode::binary, random_bytes(500'000, 9));
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(accepted() + last);
    }};
    running_proxy proxy{upstream.port()};
    auto client = open(proxy);
    std::this_thread::sleep_for(50ms);
    EXPECT_TRUE(client.receive_to_end() == last);
}

TEST(websocket_drain, sends_1001_to_both_sides) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(accepted());
        const auto close = read_frame(peer);
        EXPECT_EQ(close.kind, opcode::close);
        EXPECT_TRUE(close.masked);
        EXPECT_EQ(close.code(), 1001U);
        static_cast<void>(peer.receive_to_end());
    }};
    running_proxy proxy{upstream.port()};
    auto client = open(proxy);
    proxy.service().drain();
    const auto close = read_frame(client);
    EXPECT_EQ(close.kind, opcode::close);
    EXPECT_EQ(close.code(), 1001U);
    client.send(client_frame(opcode::close, close_payload(1001, "")));
    EXPECT_EQ(client.receive_to_end(), "");
    proxy.service().wait();
}

TEST(websocket_drain, reaches_a_socket_that_opens_meanwhile) {
    std::atomic<bool> draining{false};
    scripted_upstream upstream{[&](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        EXPECT_TRUE(wait_until([&] { return draining.load(); }));
        std::this_thread::sleep_for(50ms);
        peer.send(accepted());
        EXPECT_EQ(read_frame(peer).code(), 1001U);
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/public"));
    ASSERT_TRUE(wait_until([&] { return !upstream.received().empty(); }));
    proxy.service().drain();
    draining = true;
    static_cast<void>(client.receive_until("\r\n\r\n"));
    EXPECT_EQ(read_frame(client).code(), 1001U);
}

} // namespace
