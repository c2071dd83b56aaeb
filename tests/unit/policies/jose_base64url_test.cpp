#include "policies/jose/base64url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>

using bearward::policies::jose::decode_any_base64;
using bearward::policies::jose::decode_base64url;
using bearward::policies::jose::encode_base64url;
using testing::Eq;
using testing::Optional;

namespace {

TEST(base64url, encodes_as_rfc_4648_without_padding) {
    EXPECT_EQ(encode_base64url(""), "");
    EXPECT_EQ(encode_base64url("f"), "Zg");
    EXPECT_EQ(encode_base64url("fo"), "Zm8");
    EXPECT_EQ(encode_base64url("foo"), "Zm9v");
    EXPECT_EQ(encode_base64url("foob"), "Zm9vYg");
    EXPECT_EQ(encode_base64url("fooba"), "Zm9vYmE");
    EXPECT_EQ(encode_base64url("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encode_base64url("\xFB\xFF\xBF"), "-_-_");
}

TEST(base64url, decoding_is_the_inverse_for_all_lengths_and_bytes) {
    std::string bytes;
    for (int count = 0; count < 300; ++count) {
        EXPECT_THAT(decode_base64url(encode_base64url(bytes)), Optional(Eq(bytes))) << count;
        bytes.push_back(static_cast<char>(count * 7));
    }
}

TEST(base64url, refuses_padding) {
    EXPECT_EQ(decode_base64url("Zg=="), std::nullopt);
    EXPECT_EQ(decode_base64url("Zm8="), std::nullopt);
}

TEST(base64url, refuses_the_other_alphabet) {
    EXPECT_EQ(decode_base64url("+/+/"), std::nullopt);
}

TEST(base64url, refuses_white_space_and_every_other_byte_at_each_place) {
    const std::string good = "Zm9vYm8"; // a whole group and a rest of three
    for (std::size_t place = 0; place < good.size(); ++place) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string text = good;
            text[place] = static_cast<char>(byte);
            const auto decoded = decode_base64url(text);
            const bool in_alphabet = std::isalnum(byte) != 0 || byte == '-' || byte == '_';
            if (!in_alphabet) {
                EXPECT_EQ(decoded, std::nullopt) << place << ' ' << byte;
            } else if (decoded) {
                EXPECT_EQ(encode_base64url(*decoded), text);
            }
        }
    }
}

TEST(base64url, refuses_dots_and_padding_alone) {
    for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 8U, 1000U, 65536U}) {
        EXPECT_EQ(decode_base64url(std::string(size, '.')), std::nullopt) << size;
        EXPECT_EQ(decode_base64url(std::string(size, '=')), std::nullopt) << size;
    }
}

TEST(base64url, refuses_impossible_lengths) {
    EXPECT_EQ(decode_base64url("Z"), std::nullopt);
    EXPECT_EQ(decode_base64url("Zm9vY"), std::nullopt);
}

TEST(base64url, refuses_bits_beyond_the_last_byte) {
    EXPECT_TRUE(decode_base64url("Zg"));
    EXPECT_EQ(decode_base64url("Zh"), std::nullopt);
    EXPECT_TRUE(decode_base64url("Zm8"));
    EXPECT_EQ(decode_base64url("Zm9"), std::nullopt);
}

TEST(any_base64, either_alphabet_is_read_with_or_without_padding) {
    for (const auto* text : {"-_8", "+/8", "+_8", "-_8=", "+/8="}) {
        EXPECT_THAT(decode_any_base64(text), Optional(Eq("\xFB\xFF"))) << text;
    }
    EXPECT_THAT(decode_any_base64("YQ=="), Optional(Eq("a")));
    for (const auto* text : {"YQ===", "Y Q", "=YQ", "Y"}) {
        EXPECT_EQ(decode_any_base64(text), std::nullopt) << text;
    }
}

} // namespace
