#include "policies/ascii.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace bearward::policies {
namespace {

std::string those_that(bool (*is)(char)) {
    std::string found;
    for (int byte = 0; byte < 256; ++byte) {
        if (is(static_cast<char>(byte))) {
            found += static_cast<char>(byte);
        }
    }
    return found;
}

const std::string digits = "0123456789";
const std::string upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const std::string lower = "abcdefghijklmnopqrstuvwxyz";

TEST(ascii, each_kind_has_its_bytes_and_no_other) {
    EXPECT_EQ(those_that([](char byte) { return is_digit(byte); }), digits);
    EXPECT_EQ(those_that([](char byte) { return is_letter(byte); }), upper + lower);
    EXPECT_EQ(those_that([](char byte) { return is_alphanumeric(byte); }), digits + upper + lower);
    EXPECT_EQ(those_that([](char byte) { return is_name_byte(byte); }), digits + upper + "_" + lower);
    EXPECT_EQ(those_that([](char byte) { return is_base64url(byte); }), "-" + digits + upper + "_" + lower);
    EXPECT_EQ(those_that([](char byte) { return is_tchar(byte); }), "!#$%&'*+-." + digits + upper + "^_`" + lower + "|~");
    EXPECT_EQ(those_that([](char byte) { return is_hex(byte); }), digits + "ABCDEF" + "abcdef");
    EXPECT_EQ(those_that([](char byte) { return is_control(static_cast<unsigned char>(byte)); }).size(), 33U);
}

TEST(ascii, only_letters_have_a_case) {
    EXPECT_EQ(lowered("AZ az @[`{ \xC3\x84"), "az az @[`{ \xC3\x84");
    EXPECT_TRUE(equal_ignoring_case("Bearer", "bEARER"));
    EXPECT_FALSE(equal_ignoring_case("Bearer", "Bearer "));
    EXPECT_FALSE(equal_ignoring_case("@", "`"));
}

TEST(ascii, trimming_takes_blanks_and_tabs_off_both_ends) {
    EXPECT_EQ(trim(" \t a \t b\t "), "a \t b");
    EXPECT_EQ(trim(" \t "), "");
    EXPECT_EQ(trim("\na\r"), "\na\r");
}

TEST(ascii, hex_is_two_digits_a_byte_in_either_case) {
    std::string written;
    append_hex(written, '\x0A');
    append_hex(written, '\xFF', upper_hex);
    EXPECT_EQ(written, "0aFF");
    EXPECT_EQ(decode_hex(written), "\n\xFF");
    EXPECT_EQ(decode_hex(""), "");
    for (const auto* text : {"0", "0g", "g0", "0a0", " 0a", "0x0a"}) {
        EXPECT_EQ(decode_hex(text), std::nullopt) << text;
    }
}

TEST(ascii, a_number_is_the_whole_text_and_in_range) {
    EXPECT_EQ(parse_decimal<std::uint16_t>("65535"), 65535);
    EXPECT_EQ(parse_decimal<std::uint16_t>("007"), 7);
    EXPECT_EQ(parse_decimal<int>("-1"), -1);
    for (const auto* text : {"", " 1", "1 ", "+1", "-1", "1.0", "65536", "0x1"}) {
        EXPECT_EQ(parse_decimal<std::uint16_t>(text), std::nullopt) << text;
    }
}

} // namespace
} // namespace bearward::policies
