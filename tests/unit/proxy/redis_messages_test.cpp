#include "proxy/providers/redis_messages.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace bearward::proxy::providers {
namespace {

using namespace std::chrono_literals;

resp_value reply_of(std::string_view bytes) {
    resp_reader reader;
    reader.feed(bytes);
    return reader.next().value().value();
}

TEST(redis_page, has_a_cursor_and_members_with_their_scores) {
    const auto reply = reply_of("*2\r\n$2\r\n17\r\n*4\r\n$6\r\nuser:a\r\n$10\r\n1800000000\r\n$5\r\njti:b\r\n$3\r\ninf\r\n");
    const auto page = parse_page(reply);
    ASSERT_TRUE(page) << page.error();
    EXPECT_EQ(page->cursor, "17");
    ASSERT_EQ(page->members.size(), 2U);
    EXPECT_EQ(page->members[0].member, "user:a");
    EXPECT_EQ(page->members[0].score, "1800000000");
    EXPECT_EQ(page->members[1].score, "inf");
    EXPECT_TRUE(parse_page(reply_of("*2\r\n$1\r\n0\r\n*0\r\n"))->members.empty());
}

TEST(redis_page, anything_else_is_an_error) {
    for (const char* bytes :
         {"+OK\r\n", "*0\r\n", "*1\r\n$1\r\n0\r\n", "*2\r\n:0\r\n*0\r\n", "*2\r\n$0\r\n\r\n*0\r\n", "*2\r\n$1\r\n0\r\n$1\r\na\r\n",
          "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n:1\r\n", "*3\r\n$1\r\n0\r\n*0\r\n*0\r\n"}) {
        EXPECT_FALSE(parse_page(reply_of(bytes))) << bytes;
    }
}

TEST(redis_message, has_a_payload_on_its_channel) {
    EXPECT_EQ(find_payload(reply_of("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$3\r\na b\r\n"), "c"), "a b");
    EXPECT_FALSE(find_payload(reply_of("*3\r\n$7\r\nmessage\r\n$1\r\nd\r\n$3\r\na b\r\n"), "c"));
    EXPECT_FALSE(find_payload(reply_of("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"), "c"));
    EXPECT_FALSE(find_payload(reply_of("*2\r\n$4\r\npong\r\n$0\r\n\r\n"), "c"));
    EXPECT_FALSE(find_payload(reply_of("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:1\r\n"), "c"));
}

TEST(redis_message, is_a_score_and_a_member) {
    const auto change = parse_change("1800000000 user:a provider:main before:1700000000");
    ASSERT_TRUE(change);
    EXPECT_EQ(change->score, "1800000000");
    EXPECT_EQ(change->member, "user:a provider:main before:1700000000");
    const auto read = parse_scored(*change);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->until, policies::time_point(1'800'000'000s));
    EXPECT_EQ(read->entry.what.id, "a");
    EXPECT_EQ(read->entry.provider, "main");
    EXPECT_EQ(read->entry.before, policies::time_point(1'700'000'000s));
    EXPECT_EQ(parse_scored(*parse_change("0 user:a"))->until, policies::time_point{}) << "takes back";
    for (const char* bad : {"", "0", "0 ", " user:a", "user:a"}) {
        EXPECT_FALSE(parse_change(bad)) << bad;
    }
    EXPECT_FALSE(parse_scored({.member = "user:a", .score = "soon"}));
    EXPECT_FALSE(parse_scored({.member = "role:a", .score = "1"}));
    EXPECT_FALSE(parse_scored({.member = "", .score = "1"}));
}

} // namespace
} // namespace bearward::proxy::providers
