#include "proxy/http/write_head.hpp"
#include "proxy/websocket/handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace bearward::proxy;
using namespace bearward::proxy::websocket;
using bearward::policies::requests::subprotocol_offer;
using ::testing::HasSubstr;
using ::testing::Not;

// The example of RFC 6455 section 1.3.
constexpr std::string_view rfc_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view rfc_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

http::request_head valid_request() {
    http::request_head head;
    head.method = "GET";
    head.fields = {{"Host", "example.com"},
                   {"Upgrade", "websocket"},
                   {"Connection", "Upgrade"},
                   {"Sec-WebSocket-Key", rfc_key},
                   {"Sec-WebSocket-Version", "13"}};
    return head;
}

http::request_head request_with(std::string_view name, std::string_view value) {
    http::request_head head = valid_request();
    for (auto& field : head.fields) {
        if (field.name == name) {
            field.value = value;
        }
    }
    return head;
}

http::request_head request_without(std::string_view name) {
    http::request_head head = valid_request();
    std::erase_if(head.fields, [name](const auto& field) { return field.name == name; });
    return head;
}

http::request_head request_and(std::string_view name, std::string_view value) {
    http::request_head head = valid_request();
    head.fields.push_back({name, value});
    return head;
}

TEST(classify_upgrade, takes_the_handshake_of_the_rfc) {
    EXPECT_EQ(classify_upgrade(valid_request()), upgrade::websocket);
}

TEST(classify_upgrade, reads_upgrade_and_connection_as_lists_in_any_case) {
    EXPECT_EQ(classify_upgrade(request_with("Upgrade", "h2c,  WebSocket")), upgrade::websocket);
    EXPECT_EQ(classify_upgrade(request_with("Connection", "keep-alive, uPGRADE")), upgrade::websocket);
    EXPECT_EQ(classify_upgrade(request_with("Connection", ", ,Upgrade,")), upgrade::websocket);
    EXPECT_EQ(classify_upgrade(request_and("connection", "keep-alive")), upgrade::websocket);
    EXPECT_EQ(classify_upgrade(request_and("UPGRADE", "h2c")), upgrade::websocket);
}

TEST(classify_upgrade, other_requests_are_ordinary) {
    http::request_head post = valid_request();
    post.method = "POST";
    EXPECT_EQ(classify_upgrade(post), upgrade::none);
    http::request_head lower_case = valid_request();
    lower_case.method = "get";
    EXPECT_EQ(classify_upgrade(lower_case), upgrade::none);
    http::request_head old = valid_request();
    old.minor_version = 0;
    EXPECT_EQ(classify_upgrade(old), upgrade::none);
    EXPECT_EQ(classify_upgrade(request_without("Upgrade")), upgrade::none);
    EXPECT_EQ(classify_upgrade(request_with("Upgrade", "")), upgrade::none);
    EXPECT_EQ(classify_upgrade(request_with("Upgrade", "h2c")), upgrade::none);
    EXPECT_EQ(classify_upgrade(request_with("Upgrade", "websockets")), upgrade::none);
    EXPECT_EQ(classify_upgrade(request_with("Upgrade", "web socket")), upgrade::none);
}

TEST(classify_upgrade, another_method_with_a_bad_handshake_is_still_ordinary) {
    http::request_head post = request_with("Sec-WebSocket-Key", "bad");
    post.method = "POST";
    post.framing = http::body_framing::chunked;
    EXPECT_EQ(classify_upgrade(post), upgrade::none);
}

TEST(classify_upgrade, a_body_is_malformed) {
    http::request_head head = valid_request();
    head.framing = http::body_framing::chunked;
    EXPECT_EQ(classify_upgrade(head), upgrade::malformed);
    head.framing = http::body_framing::content_length;
    head.content_length = 1;
    EXPECT_EQ(classify_upgrade(head), upgrade::malformed);
    head.content_length = 0;
    EXPECT_EQ(classify_upgrade(head), upgrade::websocket) << "Content-Length: 0 is no body";
}

TEST(classify_upgrade, is_an_ordinary_request_unless_connection_names_the_upgrade) {
    EXPECT_EQ(classify_upgrade(request_without("Connection")), upgrade::none);
    EXPECT_EQ(classify_upgrade(request_with("Connection", "keep-alive")), upgrade::none);
    EXPECT_EQ(classify_upgrade(request_with("Connection", "upgraded")), upgrade::none);
    http::request_head with_body = request_with("Connection", "close");
    with_body.framing = http::body_framing::chunked;
    EXPECT_EQ(classify_upgrade(with_body), upgrade::none) << "what opens no socket may have a body";
}

TEST(classify_upgrade, only_version_13_is_spoken) {
    EXPECT_EQ(classify_upgrade(request_without("Sec-WebSocket-Version")), upgrade::bad_version);
    for (const std::string_view version : {"", "8", "12", "14", "013", "13, 8", "13.0", "+13"}) {
        EXPECT_EQ(classify_upgrade(request_with("Sec-WebSocket-Version", version)), upgrade::bad_version) << version;
    }
}

TEST(classify_upgrade, the_body_is_judged_before_the_version_and_the_version_before_the_key) {
    http::request_head head = request_with("Sec-WebSocket-Version", "8");
    head.fields[3].value = "bad";
    EXPECT_EQ(classify_upgrade(head), upgrade::bad_version);
    head.framing = http::body_framing::chunked;
    EXPECT_EQ(classify_upgrade(head), upgrade::malformed);
}

TEST(classify_upgrade, repeated_key_or_version_lines_are_malformed) {
    EXPECT_EQ(classify_upgrade(request_and("sec-websocket-version", "13")), upgrade::malformed);
    EXPECT_EQ(classify_upgrade(request_and("Sec-WebSocket-Version", "8")), upgrade::malformed);
    EXPECT_EQ(classify_upgrade(request_and("sec-websocket-key", rfc_key)), upgrade::malformed);
}

TEST(classify_upgrade, a_key_is_sixteen_bytes_in_base64) {
    EXPECT_EQ(classify_upgrade(request_with("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")), upgrade::websocket);
    EXPECT_EQ(classify_upgrade(request_with("Sec-WebSocket-Key", "+/+/+/+/+/+/+/+/+/+/+A==")), upgrade::websocket);
    EXPECT_EQ(classify_upgrade(request_without("Sec-WebSocket-Key")), upgrade::malformed);
    for (const std::string_view key : {
             "",                           // nothing
             "AAAAAAAAAAAAAAAAAAAAAA",     // no padding
             "AAAAAAAAAAAAAAAAAAAAAA=",    // half the padding
             "AAAAAAAAAAAAAAAAAAAAA===",   // 15 bytes and a bit
             "AAAAAAAAAAAAAAAAAAAAAAA=",   // 17 bytes
             "AAAAAAAAAAAAAAAAAAAAAAAA",   // 18 bytes
             "AAAAAAAAAAAAAAAAAAAA",       // 15 bytes
             "AAAAAAAAAAAAAAAAAAAAAAAA==", // too long
             "AAAAAAAAAAAAAAAAAAAAA-==",   // base64url
             "AAAAAAAAAA AAAAAAAAAAA==",   // white space
             "AAAAAAAAAA=AAAAAAAAAAA==",   // padding inside
         }) {
        EXPECT_EQ(classify_upgrade(request_with("Sec-WebSocket-Key", key)), upgrade::malformed) << key;
    }
}

TEST(make_accept, gives_the_example_of_the_rfc) {
    EXPECT_EQ(make_accept(rfc_key), rfc_accept);
}

http::response_head valid_response() {
    http::response_head head;
    head.status = 101;
    head.fields = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", rfc_accept}};
    return head;
}

class check_upstream : public ::testing::Test {
protected:
    http::response_head head = valid_response();
    subprotocol_offer offer{.forwarded = {"chat", "superchat"}, .marker = "bearer", .token_entry = "tok", .first = "bearer"};

    [[nodiscard]] bool refused() const { return !check_upstream_handshake(head, rfc_key, offer).has_value(); }
};

TEST_F(check_upstream, takes_a_right_101_without_a_subprotocol) {
    const auto chosen = check_upstream_handshake(head, rfc_key, offer);
    ASSERT_TRUE(chosen.has_value());
    EXPECT_EQ(*chosen, "");
}

TEST_F(check_upstream, names_case_and_the_upgrade_word_do_not_matter) {
    head.fields = {{"upgrade", "WebSocket"}, {"connection", "keep-alive, upgrade"}, {"sec-websocket-accept", rfc_accept}};
    EXPECT_FALSE(refused());
}

TEST_F(check_upstream, gives_the_forwarded_subprotocol_that_was_chosen) {
    head.fields.push_back({"Sec-WebSocket-Protocol", "superchat"});
    EXPECT_EQ(check_upstream_handshake(head, rfc_key, offer).value_or("refused"), "superchat");
}

TEST_F(check_upstream, refuses_a_subprotocol_that_was_not_forwarded) {
    for (const std::string_view choice : {"other", "bearer", "tok", "Chat", "", "chat, superchat"}) {
        head = valid_response();
        head.fields.push_back({"Sec-WebSocket-Protocol", choice});
        EXPECT_TRUE(refused()) << choice;
    }
}

TEST_F(check_upstream, refuses_a_repeated_subprotocol) {
    head.fields.push_back({"Sec-WebSocket-Protocol", "chat"});
    head.fields.push_back({"Sec-WebSocket-Protocol", "chat"});
    EXPECT_TRUE(refused());
}

TEST_F(check_upstream, refuses_another_status_or_version) {
    head.status = 200;
    EXPECT_TRUE(refused());
    head.status = 101;
    head.minor_version = 0;
    EXPECT_TRUE(refused());
}

TEST_F(check_upstream, refuses_a_missing_or_other_upgrade) {
    head.fields[0].value = "h2c";
    EXPECT_TRUE(refused());
    head.fields[0].value = "websocket, h2c";
    EXPECT_TRUE(refused());
    head.fields.erase(head.fields.begin());
    EXPECT_TRUE(refused());
}

TEST_F(check_upstream, refuses_a_missing_connection) {
    head.fields[1].value = "keep-alive";
    EXPECT_TRUE(refused());
    head.fields.erase(head.fields.begin() + 1);
    EXPECT_TRUE(refused());
}

TEST_F(check_upstream, refuses_an_accept_that_is_missing_wrong_or_repeated) {
    head.fields[2].value = "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // base64 has a case
    EXPECT_TRUE(refused());
    head.fields[2].value = rfc_accept.substr(0, rfc_accept.size() - 1);
    EXPECT_TRUE(refused());
    head = valid_response();
    head.fields.push_back({"Sec-WebSocket-Accept", rfc_accept});
    EXPECT_TRUE(refused());
    head.fields.resize(2);
    EXPECT_TRUE(refused());
}

TEST(choose_subprotocol, follows_each_row_of_the_echo_table) {
    const subprotocol_offer everything{.forwarded = {"chat"}, .marker = "bearer", .token_entry = "tok", .first = "chat"};
    const subprotocol_offer entry_alone{.forwarded = {"chat"}, .marker = {}, .token_entry = "bearer.tok", .first = "chat"};
    const subprotocol_offer neither{.forwarded = {"chat"}, .marker = {}, .token_entry = {}, .first = "chat"};
    EXPECT_EQ(choose_subprotocol(everything, "chat"), "chat");
    EXPECT_EQ(choose_subprotocol(entry_alone, "chat"), "chat");
    EXPECT_EQ(choose_subprotocol(everything, ""), "bearer");
    EXPECT_EQ(choose_subprotocol(entry_alone, ""), "bearer.tok");
    EXPECT_EQ(choose_subprotocol(neither, ""), "");
}

TEST(choose_rejection_subprotocol, answers_whatever_was_offered) {
    EXPECT_EQ(choose_rejection_subprotocol({.forwarded = {"chat"}, .marker = "bearer", .token_entry = "tok", .first = "chat"}), "bearer");
    EXPECT_EQ(choose_rejection_subprotocol({.forwarded = {"chat"}, .marker = {}, .token_entry = "bearer.tok", .first = "chat"}),
              "bearer.tok");
    EXPECT_EQ(choose_rejection_subprotocol({.forwarded = {"chat"}, .marker = {}, .token_entry = {}, .first = "chat"}), "chat");
    EXPECT_EQ(choose_rejection_subprotocol({}), "");
}

std::string write_handshake(std::string_view subprotocol, const http::response_head* upstream = nullptr,
                            const bearward::policies::rules::header_changes* changes = nullptr) {
    http::outgoing_response made;
    make_client_handshake(rfc_key, subprotocol, "id-1", upstream, changes, made);
    std::string out;
    http::write_head(made, out);
    return out;
}

TEST(make_client_handshake, of_a_rejection_is_complete) {
    EXPECT_EQ(write_handshake(""), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-Request-Id: id-1\r\n\r\n");
}

TEST(make_client_handshake, names_the_subprotocol) {
    EXPECT_THAT(write_handshake("bearer"), HasSubstr("\r\nSec-WebSocket-Protocol: bearer\r\n"));
}

TEST(make_client_handshake, passes_what_concerns_the_client_and_nothing_of_the_hop) {
    http::response_head upstream = valid_response();
    upstream.fields = {{"Upgrade", "websocket"},
                       {"connection", "upgrade, X-Hop"},
                       {"sec-websocket-accept", "other"},
                       {"Sec-WebSocket-Protocol", "chat"},
                       {"Sec-WebSocket-Extensions", "permessage-deflate"},
                       {"Set-Cookie", "a=1"},
                       {"Set-Cookie", "b=2"},
                       {"Content-Length", "0"},
                       {"Transfer-Encoding", "chunked"},
                       {"Keep-Alive", "timeout=5"},
                       {"x-hop", "1"},
                       {"X-Request-ID", "the upstream's"}};
    EXPECT_EQ(write_handshake("", &upstream), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-Request-Id: id-1\r\n"
                                              "Sec-WebSocket-Extensions: permessage-deflate\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n");
}

TEST(make_client_handshake, makes_the_routes_changes) {
    const bearward::policies::rules::header_changes changes{.added = {{"X-Frame-Options", "DENY"}}, .removed = {"Set-Cookie"}};
    http::response_head upstream;
    upstream.fields = {{"Set-Cookie", "a=b"}, {"x-frame-options", "no"}, {"Server", "s"}};
    const std::string out = write_handshake("", &upstream, &changes);
    EXPECT_TRUE(out.ends_with("X-Request-Id: id-1\r\nServer: s\r\nX-Frame-Options: DENY\r\n\r\n")) << out;
}

} // namespace
