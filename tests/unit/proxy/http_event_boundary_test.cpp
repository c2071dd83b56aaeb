#include "proxy/http/event_boundary.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using bearward::proxy::http::event_boundary;

bool ends_at_boundary(std::string_view stream) {
    event_boundary follows;
    follows.scan(stream);
    return follows.at_boundary();
}

TEST(event_boundary, is_where_nothing_was_sent_yet) {
    EXPECT_TRUE(ends_at_boundary(""));
}

TEST(event_boundary, is_behind_an_empty_line_whatever_ends_lines) {
    for (const std::string_view stream : {"data: 1\n\n", "data: 1\r\n\r\n", "data: 1\r\r", "data: 1\r\n\r", "data: 1\n\r\n",
                                          "data: 1\r\n\n", "\n", "\r", ": comment\n\n", "data: 1\n\ndata: 2\n\n", "data: 1\n\n\n"}) {
        EXPECT_TRUE(ends_at_boundary(stream)) << stream;
    }
}

TEST(event_boundary, is_not_within_an_event) {
    for (const std::string_view stream :
         {"d", "data: 1", "data: 1\n", "data: 1\r", "data: 1\r\n", "data: 1\n\nd", "data: 1\n\n: ", "\xEF\xBB\xBF"}) {
        EXPECT_FALSE(ends_at_boundary(stream)) << stream;
    }
}

TEST(event_boundary, of_the_next_bytes_is_the_first) {
    event_boundary follows;
    follows.scan("data: 1\n");
    EXPECT_EQ(follows.scan_to_boundary("\ndata: 2\n\n"), 1U);
    EXPECT_EQ(follows.scan_to_boundary("data: 2"), std::nullopt);
    EXPECT_EQ(follows.scan_to_boundary("\r\n\r\nrest"), 3U) << "a CR ends the line; what comes behind it is not needed";
}

TEST(event_boundary, however_the_stream_is_cut) {
    const std::string stream = "id: 7\r\ndata: a\r\n\r\n: x\n\ndata: b\r\r";
    event_boundary whole;
    for (std::size_t at = 0; at < stream.size(); ++at) {
        whole.scan(std::string_view(stream).substr(at, 1));
        EXPECT_EQ(whole.at_boundary(), ends_at_boundary(std::string_view(stream).substr(0, at + 1))) << at;
    }
}

} // namespace
