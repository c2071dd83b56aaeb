// What follows an answer on a connection of HTTP/1, and how its head says so (RFC 9112 sections 6 and 9.3).
#include "proxy/http/http1_answer.hpp"
#include "proxy/http/write_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bearward::proxy::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

request_head ask(unsigned minor_version = 1) {
    request_head request;
    request.minor_version = minor_version;
    return request;
}

request_head post(std::uint64_t length) {
    request_head request = ask();
    request.framing = body_framing::content_length;
    request.content_length = length;
    return request;
}

constexpr request_rest known{.certain = true};
constexpr request_rest all_read{.certain = true, .begun = true, .read = true};

/// The head of an answer with this framing to a client of HTTP/1.`minor_version`.
std::string finish(body_framing framing, bool has_body, bool may_go_on, unsigned minor_version, bool goes_on) {
    outgoing_response head;
    head.status = 200;
    head.reason_phrase = "OK";
    head.set_framing(framing, 3);
    head.place_connection();
    head.add("Last", "1");
    EXPECT_EQ(finish_head(ask(minor_version), has_body, may_go_on, head), goes_on);
    std::string text;
    write_head(head, text);
    return text;
}

TEST(http1_answer, a_head_says_whether_the_connection_goes_on) {
    constexpr auto length = body_framing::content_length;
    EXPECT_EQ(finish(length, true, true, 1, true), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nLast: 1\r\n\r\n");
    EXPECT_EQ(finish(length, true, false, 1, false), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\nLast: 1\r\n\r\n");
    EXPECT_EQ(finish(length, true, true, 0, true), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\nLast: 1\r\n\r\n");
    EXPECT_THAT(finish(length, true, false, 0, false), HasSubstr("Connection: close\r\n"));
}

TEST(http1_answer, a_body_of_unknown_length_is_chunked_or_ends_with_the_connection) {
    constexpr auto unknown = body_framing::chunked;
    EXPECT_THAT(finish(unknown, true, true, 1, true), AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"), Not(HasSubstr("Connection"))));
    EXPECT_THAT(finish(unknown, true, true, 0, false),
                AllOf(Not(HasSubstr("Transfer-Encoding")), HasSubstr("Connection: close\r\n"), Not(HasSubstr("keep-alive"))));
}

TEST(http1_answer, where_no_body_follows_the_connection_need_not_end) {
    constexpr auto unknown = body_framing::chunked;
    EXPECT_THAT(finish(unknown, false, true, 1, true), HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(finish(unknown, false, true, 0, true), AllOf(Not(HasSubstr("Transfer-Encoding")), HasSubstr("Connection: keep-alive\r\n")));
}

TEST(http1_answer, a_request_follows_an_own_answer_where_the_body_before_it_can_be_dropped) {
    EXPECT_TRUE(may_follow_own_answer(ask(), known));
    EXPECT_FALSE(may_follow_own_answer(ask(), {}));
    EXPECT_TRUE(may_follow_own_answer(post(longest_dropped_body), known));
    EXPECT_FALSE(may_follow_own_answer(post(longest_dropped_body + 1), known));
    EXPECT_TRUE(may_follow_own_answer(post(longest_dropped_body + 1), all_read));
    request_head closing = ask();
    closing.keep_alive = false;
    EXPECT_FALSE(may_follow_own_answer(closing, known));
    request_head waiting = post(1);
    waiting.expects_continue = true;
    EXPECT_FALSE(may_follow_own_answer(waiting, known));
}

TEST(http1_answer, an_own_answer_leaves_doubt_where_the_body_may_not_come) {
    EXPECT_FALSE(leaves_doubt(post(1), known));
    EXPECT_TRUE(leaves_doubt(post(1), {}));
    EXPECT_FALSE(leaves_doubt(post(1), {.begun = true}));
    request_head waiting = post(1);
    waiting.expects_continue = true;
    EXPECT_TRUE(leaves_doubt(waiting, known));
    EXPECT_FALSE(leaves_doubt(waiting, {.certain = true, .unread_here = true}));
}

TEST(http1_answer, a_request_follows_a_response_where_nothing_is_left_of_the_last) {
    EXPECT_TRUE(may_follow_response(ask(), all_read, false));
    EXPECT_FALSE(may_follow_response(post(1), {.certain = true, .begun = true}, false));
    request_head closing = ask();
    closing.keep_alive = false;
    EXPECT_FALSE(may_follow_response(closing, all_read, false));
}

TEST(http1_answer, no_request_follows_from_a_client_that_has_ended_its_side) {
    EXPECT_FALSE(may_follow_response(ask(), all_read, true));
    EXPECT_TRUE(may_follow_response(ask(), {.certain = true, .begun = true, .read = true, .unread_here = true}, true));
}

} // namespace
} // namespace bearward::proxy::http
