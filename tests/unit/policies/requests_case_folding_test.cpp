#include "policies/requests/case_folding.hpp"

#include <gtest/gtest.h>

namespace bearward::policies::requests {
namespace {

TEST(case_folding_test, spellings_that_a_router_takes_for_equal_fold_to_one) {
    EXPECT_EQ(fold_case("AdMin-09_~"), "admin-09_~");
    EXPECT_EQ(fold_case("\xC3\x89"
                        "cole"),
              "\xC3\xA9"
              "cole")
        << "É";
    EXPECT_EQ(fold_case("\xCE\xA3\xCF\x82"), "\xCF\x83\xCF\x83") << "capital and final sigma";
    EXPECT_EQ(fold_case("\xD0\x96"), "\xD0\xB6") << "Ж";
    EXPECT_EQ(fold_case("\xEF\xBC\xA1"), "\xEF\xBD\x81") << "fullwidth A";
    EXPECT_EQ(fold_case("\xF0\x90\x90\x80"), "\xF0\x90\x90\xA8") << "Deseret long I";
    // Letters outside ASCII that engines with Unicode's rules take for ASCII's.
    EXPECT_EQ(fold_case("\xC5\xBF"), "s") << "long s";
    EXPECT_EQ(fold_case("\xE2\x84\xAA"), "k") << "Kelvin";
    EXPECT_EQ(fold_case("\xC4\xB0\xC4\xB1"), "ii") << "dotted I and dotless i";
}

TEST(case_folding_test, what_has_no_case_or_is_no_utf8_stays) {
    for (const std::string_view text :
         {"", "\xC3\x9F", "\xE6\xBC\xA2", "\xFF\xC3", "\xC3", "\xE2\x84", "\xC3\x41", "\x80\xBF", "\xC3\x97"}) {
        const std::string folded = fold_case(text);
        EXPECT_EQ(folded, text == "\xC3\x41" ? "\xC3\x61" : text);
    }
}

TEST(case_folding_test, folding_again_changes_nothing) {
    for (unsigned letter = 0x80; letter < 0x800; ++letter) {
        const std::string text{static_cast<char>(0xC0U | (letter >> 6U)), static_cast<char>(0x80U | (letter & 0x3FU))};
        const std::string once = fold_case(text);
        EXPECT_EQ(fold_case(once), once) << letter;
    }
}

TEST(case_folding_test, upper_case_is_seen) {
    EXPECT_TRUE(has_upper("/a/B"));
    EXPECT_FALSE(has_upper("/a/b-7@[`{"));
}

} // namespace
} // namespace bearward::policies::requests
