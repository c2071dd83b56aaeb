// Handshakes at the upstream: sent again on a new connection when the pooled one was
// dead, and judged again when the 101 comes.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"
#include "tests/support/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";

/// The first connection serves one request and dies when the second comes; others accept.
void die_then_accept(raw_socket& peer, std::size_t number) {
    static_cast<void>(peer.receive_until("\r\n\r\n"));
    if (number == 0) {
        peer.send(ok("hi"));
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        return;
    }
    peer.send(accepted() + server_frame(opcode::text, "hello"));
    static_cast<void>(peer.receive_to_end());
}

TEST(handshake_retry, on_a_pooled_connection_that_died_it_is_sent_again_once) {
    scripted_upstream upstream{die_then_accept};
    running_proxy proxy{upstream.port()};
    auto first = proxy.connect();
    first.send(get);
    EXPECT_EQ(read_response(first).body, "hi");
    auto client = proxy.connect();
    client.send(handshake("/public") + client_frame(opcode::text, "early"));
    EXPECT_THAT(client.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
    EXPECT_EQ(read_frame(client).payload, "hello");
    EXPECT_EQ(upstream.connections(), 2U);
    EXPECT_TRUE(wait_until([&] { return upstream.received(1).ends_with(client_frame(opcode::text, "early")); }));
}

TEST(handshake_retry, on_a_new_connection_that_dies_it_is_a_502) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) { static_cast<void>(peer.receive_until("\r\n\r\n")); }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/public"));
    EXPECT_EQ(read_response(client).status(), 502);
    EXPECT_EQ(upstream.connections(), 1U);
}

/// Thinks for longer than the token lives, then accepts and says something.
void accept_late(raw_socket& peer, std::size_t) {
    static_cast<void>(peer.receive_until("\r\n\r\n"));
    std::this_thread::sleep_for(700ms);
    peer.send(accepted() + server_frame(opcode::text, "secret"));
    static_cast<void>(peer.receive_to_end());
}

std::string short_lived() {
    return "Authorization: Bearer " + make_token({.lifetime = 400ms}) + "\r\n";
}

TEST(expiry_before_the_101, is_a_401_where_rejections_are_http) {
    scripted_upstream upstream{accept_late};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/socket-http", short_lived()));
    const auto answer = read_response(client);
    EXPECT_EQ(answer.status(), 401);
    EXPECT_THAT(answer.field("WWW-Authenticate"), HasSubstr("The token has expired"));
    EXPECT_THAT(answer.body, HasSubstr("Token has expired"));
    EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; })) << "the app's connection is dropped";
    client.send("GET /refused HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 401) << "the client's goes on";
}

TEST(expiry_before_the_101, is_a_close_where_rejections_are) {
    for (const std::string& target : {"/ws", "/ageless", "/socket-auto"}) {
        scripted_upstream upstream{accept_late};
        running_proxy proxy{upstream.port()};
        auto client = proxy.connect();
        const bool automatic = target == "/socket-auto";
        client.send(handshake(target, short_lived() + (automatic ? "Origin: https://a\r\n" : "")));
        EXPECT_THAT(client.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
        const auto first = read_frame(client);
        EXPECT_EQ(first.kind, opcode::close) << target;
        EXPECT_EQ(first.code(), 1008U);
        EXPECT_EQ(first.reason(), "Token has expired");
        client.send(client_frame(opcode::close, close_payload(1008, "")));
        EXPECT_EQ(client.receive_to_end(), "");
        EXPECT_TRUE(wait_until([&] { return upstream.finished() == 1; }));
        EXPECT_EQ(proxy.service().counts().websockets, 0U);
    }
}

TEST(expiry_before_the_101, closes_with_the_code_of_the_route) {
    scripted_upstream upstream{accept_late};
    running_proxy proxy{upstream.port(),
                        {.routes = "  - {prefix: /coded, upstream: app, providers: [main], websocket: {token_from: [header], close_code: "
                                   "{401: 4401, expired: 4408}}}\n"}};
    auto client = proxy.connect();
    client.send(handshake("/coded", short_lived()));
    EXPECT_THAT(client.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
    const auto first = read_frame(client);
    EXPECT_EQ(first.code(), 4408U);
    EXPECT_EQ(first.reason(), "Token has expired");
}

TEST(expiry_before_the_101, changes_no_answer_other_than_a_101) {
    scripted_upstream upstream{[](raw_socket& peer, std::size_t) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        std::this_thread::sleep_for(700ms);
        peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    }};
    running_proxy proxy{upstream.port()};
    auto client = proxy.connect();
    client.send(handshake("/ws", short_lived()));
    EXPECT_EQ(read_response(client).status(), 404);
}

} // namespace
