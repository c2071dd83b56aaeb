// Outgoing heads as HTTP/1.1: exact bytes, and what our own parser makes of them.
#include "proxy/http/write_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace bearward::proxy::http {
namespace {

using testing::ElementsAre;

std::string write(const auto& head) {
    std::string out;
    write_head(head, out);
    return out;
}

outgoing_request& start_get(outgoing_request& head) {
    head.clear();
    head.method = "GET";
    head.path = "/a";
    head.authority = "app.example";
    return head;
}

TEST(write_head, a_request_is_appended_whole) {
    outgoing_request head;
    start_get(head).add("Accept", "*/*");
    std::string out = "before ";
    write_head(head, out);
    EXPECT_EQ(out, "before GET /a HTTP/1.1\r\nHost: app.example\r\nAccept: */*\r\n\r\n");
}

TEST(write_head, a_query_may_be_empty_and_still_be_there) {
    outgoing_request head;
    start_get(head).query = "x=1";
    EXPECT_THAT(write(head), testing::StartsWith("GET /a HTTP/1.1\r\n")) << "nothing says that there is one";
    head.has_query = true;
    EXPECT_THAT(write(head), testing::StartsWith("GET /a?x=1 HTTP/1.1\r\n"));
    head.query = {};
    EXPECT_THAT(write(head), testing::StartsWith("GET /a? HTTP/1.1\r\n"));
}

TEST(write_head, framing_and_connection_stand_where_they_were_set) {
    outgoing_request request;
    start_get(request).add("A", "1");
    request.set_framing(body_framing::content_length, 18'446'744'073'709'551'615U);
    request.add("Expect", "100-continue");
    request.accepts_trailers = true;
    request.set_connection(connection_use::persists);
    request.add("B", "2");
    EXPECT_EQ(write(request), "GET /a HTTP/1.1\r\nHost: app.example\r\nA: 1\r\nContent-Length: 18446744073709551615\r\n"
                              "Expect: 100-continue\r\nTE: trailers\r\nConnection: TE\r\nB: 2\r\n\r\n");
    outgoing_response response;
    response.status = 200;
    response.reason_phrase = "Fine";
    response.set_framing(body_framing::chunked);
    response.add("Date", "d");
    response.set_connection(connection_use::closes);
    response.add("X", "");
    EXPECT_EQ(write(response), "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nDate: d\r\nConnection: close\r\nX: \r\n\r\n");
    response.set_connection(connection_use::kept_alive);
    EXPECT_EQ(write(response), "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nDate: d\r\nX: \r\nConnection: keep-alive\r\n\r\n");
}

TEST(write_head, a_body_that_ends_with_the_connection_has_no_framing_field) {
    outgoing_response head;
    head.status = 99;
    for (const auto framing : {body_framing::none, body_framing::until_close}) {
        head.set_framing(framing);
        EXPECT_EQ(write(head), "HTTP/1.1 099 \r\n\r\n");
    }
}

TEST(write_head, handshakes_carry_their_proof) {
    outgoing_request request;
    start_get(request).set_websocket("key");
    request.add("Sec-WebSocket-Protocol", "chat");
    EXPECT_EQ(write(request), "GET /a HTTP/1.1\r\nHost: app.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: key\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
    outgoing_response response;
    response.status = 101;
    response.set_websocket("accept");
    EXPECT_EQ(write(response), "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: accept\r\n\r\n");
}

TEST(outgoing_head, made_texts_stay_where_they_are_until_the_head_is_cleared) {
    outgoing_request head;
    start_get(head);
    for (int i = 0; i < 100; ++i) {
        std::string& text = head.make_text();
        EXPECT_EQ(text, "");
        text = std::to_string(i);
        head.add("N", text);
    }
    for (std::size_t i = 0; i < head.fields().size(); ++i) {
        EXPECT_EQ(head.fields()[i].value, std::to_string(i));
    }
}

TEST(outgoing_head, nothing_of_the_last_message_is_left_after_clear) {
    outgoing_request head;
    start_get(head).add("A", "1");
    head.query = "q";
    head.has_query = head.accepts_trailers = true;
    head.set_framing(body_framing::chunked);
    head.set_websocket("key");
    EXPECT_EQ(write(start_get(head)), "GET /a HTTP/1.1\r\nHost: app.example\r\n\r\n");
}

TEST(outgoing_head, shrinks_what_is_over_the_limit_only) {
    outgoing_response head;
    std::string* const text = &head.make_text();
    text->assign(1'000, 'x');
    head.shrink(10'000);
    EXPECT_EQ(&head.make_text(), text);
    EXPECT_GE(text->capacity(), 1'000U);
    head.shrink(999);
    EXPECT_LT(head.make_text().capacity(), 1'000U);
}

TEST(outgoing_head, its_fields_are_seen_with_those_that_http1_says) {
    outgoing_request head;
    start_get(head).add("A", "1");
    head.set_framing(body_framing::content_length, 5);
    head.add("B", "2");
    std::vector<std::string> seen;
    visit_field_lines(head, http1_fields(head),
                      [&seen](const header& field) { seen.push_back(std::string(field.name) + '=' + std::string(field.value)); });
    EXPECT_THAT(seen, ElementsAre("Host=app.example", "A=1", "Content-Length=5", "B=2"));
}

/// Random heads with sound names and values.
class dice {
public:
    explicit dice(unsigned seed) : random_(seed) {}
    std::size_t number(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random_); }
    std::string text(std::string_view alphabet, std::size_t most) {
        std::string made;
        for (std::size_t size = number(most); size > 0; --size) {
            made += alphabet[number(alphabet.size() - 1)];
        }
        return made;
    }
    /// Adds up to eight fields; the names mean nothing to the parser.
    void add_fields(outgoing_head& head) {
        for (std::size_t count = number(8); count > 0; --count) {
            std::string& name = head.make_text();
            name = "X-" + text("abcXYZ019!#$%&'*+-.^_`|~", 12);
            std::string& value = head.make_text();
            value = text("azAZ09,;:=\"()\\/ \t\x80\xff", 40);
            head.add(name, trim_value(value));
        }
    }
    body_framing framing() { return static_cast<body_framing>(number(2)); }

private:
    static std::string_view trim_value(std::string_view value) {
        const auto first = value.find_first_not_of(" \t");
        return first == std::string_view::npos ? std::string_view{} : value.substr(first, value.find_last_not_of(" \t") + 1 - first);
    }

    std::mt19937 random_;
};

void expect_same(const outgoing_head& written, const http1_fields& own, const message_head& read, const std::string& text) {
    std::size_t at = 0;
    visit_field_lines(written, own, [&](const header& field) {
        ASSERT_LT(at, read.fields.size()) << text;
        EXPECT_EQ(read.fields[at].name, field.name) << text;
        EXPECT_EQ(read.fields[at].value, field.value) << text;
        ++at;
    });
    EXPECT_EQ(at, read.fields.size()) << text;
    EXPECT_EQ(read.size, text.size());
    EXPECT_EQ(read.framing, written.framing()) << text;
    if (written.framing() == body_framing::content_length) {
        EXPECT_EQ(read.content_length, written.content_length()) << text;
    }
}

TEST(write_head, the_parser_reads_the_request_that_was_written) {
    outgoing_request head;
    for (unsigned seed = 1; seed <= 2'000 && !testing::Test::HasFailure(); ++seed) {
        dice roll(seed);
        start_get(head).method = "POST";
        const std::string path = "/" + roll.text("abc/%._~-", 30);
        const std::string query = roll.text("abc=&/?%+", 30);
        head.path = path;
        head.has_query = roll.number(1) == 0;
        head.query = head.has_query ? std::string_view(query) : std::string_view{};
        roll.add_fields(head);
        head.set_framing(roll.framing(), roll.number(1'000'000));
        roll.add_fields(head);
        head.accepts_trailers = roll.number(1) == 0;
        head.set_connection(connection_use::persists);
        roll.add_fields(head);
        const std::string text = write(head);
        request_head read;
        ASSERT_EQ(parse_request_head(text, {}, read).state, head_state::complete) << text;
        expect_same(head, http1_fields(head), read, text);
        EXPECT_EQ(read.method, "POST");
        EXPECT_EQ(read.path, head.path);
        EXPECT_EQ(read.query, head.query);
        EXPECT_EQ(read.has_query, head.has_query);
        EXPECT_EQ(read.authority, head.authority);
        EXPECT_EQ(read.accepts_trailers, head.accepts_trailers) << text;
        EXPECT_TRUE(read.keep_alive) << text;
    }
}

TEST(write_head, the_parser_reads_the_response_that_was_written) {
    outgoing_response head;
    for (unsigned seed = 1; seed <= 2'000 && !testing::Test::HasFailure(); ++seed) {
        dice roll(seed);
        head.clear();
        head.status = 200 + static_cast<unsigned>(roll.number(3));
        const std::string phrase = roll.text("OK fine", 10);
        head.reason_phrase = phrase;
        roll.add_fields(head);
        const bool closes = roll.number(1) == 0;
        const auto framing = closes ? body_framing::until_close : body_framing::chunked;
        head.set_framing(roll.number(1) == 0 ? body_framing::content_length : framing, roll.number(1'000'000));
        roll.add_fields(head);
        const auto goes_on = roll.number(1) == 0 ? connection_use::kept_alive : connection_use::persists;
        head.set_connection(closes ? connection_use::closes : goes_on);
        roll.add_fields(head);
        const std::string text = write(head);
        response_head read;
        ASSERT_EQ(parse_response_head(text, {}, "GET", read).state, head_state::complete) << text;
        expect_same(head, http1_fields(head), read, text);
        EXPECT_EQ(read.status, head.status);
        EXPECT_EQ(read.reason_phrase, head.reason_phrase);
        EXPECT_EQ(read.keep_alive, !closes) << text;
    }
}

} // namespace
} // namespace bearward::proxy::http
