// Which issuers have a template's form, whoever made them up.
#include "policies/tokens/issuer_pattern.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

namespace bearward::policies::tokens {
namespace {

bool fits(std::string_view pattern, std::string_view issuer) {
    return issuer_pattern::parse(pattern).value().fits(issuer);
}

TEST(issuer_pattern_test, a_name_takes_one_or_more_of_its_bytes) {
    EXPECT_TRUE(fits("https://x/{tid}/v2.0", "https://x/t-1/v2.0"));
    EXPECT_FALSE(fits("https://x/{tid}/v2.0", "https://x//v2.0"));
    EXPECT_FALSE(fits("https://x/{tid}/v2.0", "https://x/a/b/v2.0"));
    EXPECT_FALSE(fits("https://x/{tid}/v2.0", "https://x/a/v2.0/"));
    EXPECT_FALSE(fits("https://x/{tid}", "https://x/a b"));
    EXPECT_TRUE(fits("https://{a}.{b}.x/", "https://1.2.x.x.x/"));
    EXPECT_TRUE(fits("{a}xx{b}x", "axxxx")) << "pieces of a name's own bytes may lie anywhere";
    EXPECT_FALSE(fits("{a}xx{b}x", "axxx"));
    EXPECT_FALSE(fits("https://x/{tid}/", "https://x/"));
}

/// By the definition.
bool naive_fits(std::string_view pattern, std::string_view issuer) {
    if (pattern.empty()) {
        return issuer.empty();
    }
    if (pattern.front() != '{') {
        return !issuer.empty() && pattern.front() == issuer.front() && naive_fits(pattern.substr(1), issuer.substr(1));
    }
    for (std::size_t taken = 1; taken <= issuer.size() && issuer[taken - 1] != '/'; ++taken) {
        if (naive_fits(pattern.substr(3), issuer.substr(taken))) {
            return true;
        }
    }
    return false;
}

TEST(issuer_pattern_property_test, fits_what_its_definition_does) {
    std::mt19937 random(5);
    const auto pick = [&random](int limit) { return std::uniform_int_distribution(0, limit - 1)(random); };
    const auto literal = [&](int least, int most) {
        std::string made;
        for (int left = least + pick(most); left > 0; --left) {
            made += "a.a./"[pick(5)];
        }
        return made;
    };
    int fitted = 0;
    for (int round = 0; round < 100'000; ++round) {
        std::string pattern = literal(0, 2) + "{n}";
        for (int names = pick(3); names > 0; --names) {
            pattern += literal(1, 3) + "{n}";
        }
        pattern += literal(0, 3);
        const std::string issuer = literal(0, 12);
        const bool got = fits(pattern, issuer);
        ASSERT_EQ(got, naive_fits(pattern, issuer)) << pattern << " " << issuer;
        fitted += got ? 1 : 0;
    }
    EXPECT_GT(fitted, 2000);
}

TEST(issuer_pattern_test, an_issuer_of_many_dots_takes_no_exponential_time) {
    const auto pattern = issuer_pattern::parse("https://{a}.{b}.{c}.{d}.{e}.{f}.{g}.{h}/").value();
    const auto began = std::chrono::steady_clock::now();
    for (const std::size_t size : {std::size_t{1000}, std::size_t{16} * 1024}) {
        const std::string dots = "https://" + std::string(size, '.');
        EXPECT_FALSE(pattern.fits(dots)) << size;
        EXPECT_FALSE(pattern.fits(dots + "/x")) << size;
        EXPECT_TRUE(pattern.fits(dots + "/")) << size;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10)) << "ages on the slowest machine";
}

} // namespace
} // namespace bearward::policies::tokens
