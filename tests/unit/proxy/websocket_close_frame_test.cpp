#include "proxy/websocket/close_frame.hpp"
#include "proxy/websocket/frame_scanner.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace bearward::proxy::websocket;

TEST(close_frame, from_a_server_is_not_masked) {
    EXPECT_EQ(make_server_close(1008, "Token has expired"), std::string("\x88\x13\x03\xF0", 4) + "Token has expired");
}

TEST(close_frame, without_a_reason_has_the_code_alone) {
    EXPECT_EQ(make_server_close(1001, ""), std::string("\x88\x02\x03\xE9", 4));
}

TEST(close_frame, from_a_client_is_masked_with_the_key) {
    const std::string frame = make_client_close(1000, "bye", {0x01, 0x02, 0x03, 0x04});
    ASSERT_EQ(frame.size(), 2U + 4U + 5U);
    EXPECT_EQ(frame.substr(0, 6), std::string("\x88\x85\x01\x02\x03\x04", 6));
    std::string payload = frame.substr(6);
    for (std::size_t index = 0; index < payload.size(); ++index) {
        payload[index] = static_cast<char>(payload[index] ^ static_cast<char>(1 + index % 4));
    }
    EXPECT_EQ(payload, std::string("\x03\xE8", 2) + "bye");
}

TEST(close_frame, a_reason_of_123_bytes_fits_and_a_longer_one_is_cut) {
    const std::string longest(123, 'a');
    EXPECT_EQ(make_server_close(1000, longest).substr(4), longest);
    const std::string frame = make_server_close(1000, longest + "b");
    EXPECT_EQ(frame.substr(4), longest);
    EXPECT_EQ(frame[1], '\x7D');
}

TEST(close_frame, a_reason_is_cut_before_a_character_that_does_not_fit) {
    const std::string euro = "\xE2\x82\xAC";
    EXPECT_EQ(make_server_close(1000, std::string(121, 'a') + euro).substr(4), std::string(121, 'a'));
    EXPECT_EQ(make_server_close(1000, std::string(122, 'a') + euro).substr(4), std::string(122, 'a'));
    EXPECT_EQ(make_server_close(1000, std::string(120, 'a') + euro + "b").substr(4), std::string(120, 'a') + euro);
}

TEST(close_frame, of_nothing_but_continuation_bytes_is_cut_to_no_reason) {
    EXPECT_EQ(make_server_close(1000, std::string(200, '\x80')), std::string("\x88\x02\x03\xE8", 4));
}

TEST(close_frame, is_one_whole_frame_for_the_scanner) {
    for (const std::string& frame : {make_server_close(1008, std::string(500, 'x')), make_client_close(1008, "x", {9, 9, 9, 9})}) {
        frame_scanner scanner;
        scanner.scan(frame);
        EXPECT_TRUE(scanner.at_boundary());
        EXPECT_TRUE(scanner.close_seen());
    }
}

} // namespace
