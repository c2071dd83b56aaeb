#include "proxy/websocket/frame_scanner.hpp"

#include "proxy/websocket/close_frame.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using bearward::proxy::websocket::frame_scanner;
using bearward::proxy::websocket::make_client_close;
using bearward::proxy::websocket::make_server_close;

enum class form : std::uint8_t { shortest, bits_16, bits_64 };

struct frame_description {
    unsigned char first = 0x82; // FIN, binary
    bool masked = false;
    form length = form::shortest;
    std::size_t size = 0;
};

std::string make_frame(const frame_description& what) {
    std::string frame(1, static_cast<char>(what.first));
    const unsigned mask = what.masked ? 0x80U : 0U;
    if (what.length == form::shortest) {
        frame.push_back(static_cast<char>(mask | what.size));
    } else {
        const int width = what.length == form::bits_16 ? 2 : 8;
        frame.push_back(static_cast<char>(mask | (width == 2 ? 126U : 127U)));
        for (int byte = width - 1; byte >= 0; --byte) {
            frame.push_back(static_cast<char>((what.size >> (8U * static_cast<unsigned>(byte))) & 0xFFU));
        }
    }
    if (what.masked) {
        frame += "\x88\x88\x88\x88"; // looks like the start of Close frames
    }
    frame.append(what.size, '\x88');
    return frame;
}

/// One frame of every form, with the empty payloads that end at the header.
std::vector<frame_description> all_forms() {
    std::vector<frame_description> forms;
    for (const bool masked : {false, true}) {
        for (const std::size_t size : {0UL, 1UL, 125UL}) {
            forms.push_back({.masked = masked, .size = size});
        }
        for (const std::size_t size : {0UL, 126UL, 300UL}) {
            forms.push_back({.masked = masked, .length = form::bits_16, .size = size});
            forms.push_back({.masked = masked, .length = form::bits_64, .size = size});
        }
    }
    return forms;
}

TEST(frame_scanner, starts_at_a_boundary) {
    const frame_scanner scanner;
    EXPECT_TRUE(scanner.at_boundary());
    EXPECT_FALSE(scanner.close_seen());
    EXPECT_EQ(scanner.until_boundary("\x82\x05hello"), 0U);
}

TEST(frame_scanner, stands_between_frames_only_after_the_last_byte_of_one) {
    for (const frame_description& what : all_forms()) {
        const std::string frame = make_frame(what);
        frame_scanner scanner;
        for (std::size_t at = 0; at < frame.size(); ++at) {
            scanner.scan(frame.substr(at, 1));
            EXPECT_EQ(scanner.at_boundary(), at + 1 == frame.size()) << "byte " << at << " of " << frame.size();
        }
        EXPECT_FALSE(scanner.close_seen()) << "payload and mask are not headers";
        EXPECT_EQ(scanner.frames(), 1U);
    }
}

TEST(frame_scanner, finds_the_boundary_for_every_split_of_two_frames) {
    for (const frame_description& what : all_forms()) {
        const std::string first = make_frame(what);
        const std::string stream = first + make_frame({.first = 0x81, .masked = true, .size = 3});
        for (std::size_t split = 1; split < stream.size(); ++split) {
            frame_scanner scanner;
            scanner.scan(std::string_view{stream}.substr(0, split));
            const std::string_view rest = std::string_view{stream}.substr(split);
            const std::size_t expected = split == first.size() ? 0 : (split < first.size() ? first.size() : stream.size()) - split;
            ASSERT_EQ(scanner.until_boundary(rest), expected) << "split at " << split << " of " << first.size();
            scanner.scan(rest);
            EXPECT_TRUE(scanner.at_boundary());
        }
    }
}

TEST(frame_scanner, gives_all_bytes_when_no_boundary_comes) {
    const std::string frame = make_frame({.size = 100});
    frame_scanner scanner;
    scanner.scan(frame.substr(0, 1));
    EXPECT_EQ(scanner.until_boundary(frame.substr(1, 40)), 40U);
    EXPECT_EQ(scanner.until_boundary(""), 0U);
}

TEST(frame_scanner, looking_for_a_boundary_takes_nothing) {
    const std::string frame = make_frame({.length = form::bits_16, .size = 200});
    frame_scanner scanner;
    scanner.scan(frame.substr(0, 3));
    EXPECT_EQ(scanner.until_boundary(frame.substr(3)), frame.size() - 3);
    EXPECT_EQ(scanner.until_boundary(frame.substr(3)), frame.size() - 3);
    scanner.scan(frame.substr(3));
    EXPECT_TRUE(scanner.at_boundary());
}

TEST(frame_scanner, sees_a_close_at_its_first_byte) {
    frame_scanner scanner;
    scanner.scan(make_frame({.size = 5}));
    EXPECT_FALSE(scanner.close_seen());
    scanner.scan("\x88");
    EXPECT_TRUE(scanner.close_seen());
    EXPECT_FALSE(scanner.at_boundary());
    scanner.scan(std::string_view{"\x02\x03\xE8", 3});
    EXPECT_TRUE(scanner.at_boundary());
    EXPECT_TRUE(scanner.close_seen());
}

TEST(frame_scanner, other_control_frames_are_not_a_close) {
    frame_scanner scanner;
    scanner.scan(make_frame({.first = 0x89, .size = 4}));
    scanner.scan(make_frame({.first = 0x8A, .masked = true, .size = 4}));
    scanner.scan(make_frame({.first = 0x00, .size = 4}));
    EXPECT_FALSE(scanner.close_seen());
    EXPECT_TRUE(scanner.at_boundary());
}

TEST(frame_scanner, a_length_over_four_gigabytes_does_not_wrap) {
    frame_scanner scanner;
    const std::string header{"\x82\x7F\x00\x00\x00\x01\x00\x00\x00\x01", 10}; // 2^32 + 1 bytes
    scanner.scan(header);
    const std::string block(1U << 20U, 'x');
    for (int index = 0; index < 4096; ++index) {
        scanner.scan(block);
        ASSERT_FALSE(scanner.at_boundary());
    }
    EXPECT_EQ(scanner.until_boundary("xy"), 1U);
    scanner.scan("x");
    EXPECT_TRUE(scanner.at_boundary());
}

TEST(frame_scanner, a_length_with_the_top_bit_never_ends) {
    frame_scanner scanner;
    scanner.scan(std::string(2, '\xFF') + std::string(8, '\xFF') + "mask");
    const std::string block(1U << 16U, 'x');
    EXPECT_EQ(scanner.until_boundary(block), block.size());
    scanner.scan(block);
    EXPECT_FALSE(scanner.at_boundary());
}

TEST(frame_scanner, reads_the_code_of_a_close_however_it_comes) {
    const std::string plain = bearward::proxy::websocket::make_server_close(4321, "why");
    const std::string masked = bearward::proxy::websocket::make_client_close(4321, "why", {1, 2, 3, 4});
    for (const std::string& frame : {plain, masked}) {
        frame_scanner whole;
        whole.scan(frame);
        EXPECT_EQ(whole.close_code(), 4321);
        frame_scanner bytewise;
        for (const char byte : frame) {
            bytewise.scan({&byte, 1});
        }
        EXPECT_EQ(bytewise.close_code(), 4321);
    }
}

TEST(frame_scanner, a_close_without_a_code_has_none_whatever_follows) {
    frame_scanner scanner;
    scanner.scan(std::string("\x88\x00", 2));
    EXPECT_TRUE(scanner.close_seen());
    EXPECT_EQ(scanner.close_code(), 0);
    scanner.scan("\x81\x02hi");
    EXPECT_EQ(scanner.close_code(), 0);
}

} // namespace
