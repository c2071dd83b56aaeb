// What a claim equals, and what nobody can tell.
#include "policies/tokens/claim_comparison.hpp"

#include "policies/glob.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

truth equals(const json::value& claim, const json::value& value) {
    const std::array<json::value, 1> values{value};
    return compare_claim(&claim, {.values = values});
}

truth matches(std::string_view claim, std::string_view pattern) {
    const json::value value = json::parse(claim);
    return compare_claim(&value, {.pattern = pattern});
}

TEST(claim_comparison_test, an_array_holds_each_of_its_values) {
    EXPECT_EQ(equals(json::parse(R"(["a","b"])"), "b"), truth::yes);
    EXPECT_EQ(equals(json::parse(R"(["a","b"])"), "c"), truth::no);
    EXPECT_EQ(equals("a", "a"), truth::yes);
    EXPECT_EQ(equals("a", "A"), truth::no);
}

TEST(claim_comparison_test, what_has_another_json_type_is_unknown) {
    EXPECT_EQ(equals("1", 1), truth::unknown);
    EXPECT_EQ(equals(true, "true"), truth::unknown);
    EXPECT_EQ(equals(true, 1), truth::unknown);
    EXPECT_EQ(equals(1.5, "1.5"), truth::unknown);
    EXPECT_EQ(equals("true", true), truth::unknown);
    EXPECT_EQ(equals(json::parse(R"(["a",true])"), "b"), truth::unknown);
    EXPECT_EQ(equals(json::parse(R"([true,"b"])"), "b"), truth::yes);
    EXPECT_EQ(equals(true, false), truth::no);
    const std::array<json::value, 2> either{json::value(true), json::value("true")};
    const json::value claim = true;
    EXPECT_EQ(compare_claim(&claim, {.values = either}), truth::yes);
    EXPECT_EQ(compare_claim(&claim, std::string_view("true")), truth::unknown);
}

TEST(claim_comparison_test, an_integer_counts_as_text_wherever_text_is_wanted) {
    EXPECT_EQ(equals(12, "12"), truth::yes);
    EXPECT_EQ(equals(12, "012"), truth::no);
    EXPECT_EQ(equals(std::numeric_limits<std::uint64_t>::max(), "18446744073709551615"), truth::yes);
    EXPECT_EQ(equals(json::parse(R"([7])"), "7"), truth::yes);
}

TEST(claim_comparison_test, numbers_are_compared_as_numbers) {
    EXPECT_EQ(equals(1.0, 1), truth::yes);
    EXPECT_EQ(equals(std::uint64_t{5}, std::int64_t{5}), truth::yes);
    EXPECT_EQ(equals(json::parse("[2.0]"), std::uint64_t{2}), truth::yes);
    EXPECT_EQ(equals(1.5, 1), truth::no);
    EXPECT_EQ(equals(-1.0, std::numeric_limits<std::uint64_t>::max()), truth::no);
    EXPECT_EQ(equals(1e300, 1), truth::no);
}

TEST(claim_comparison_test, absent_and_empty_claims_are_known_and_objects_are_not) {
    for (const char* nothing : {"null", R"("")", "[]", "{}", "[null]", R"([""])", R"([null,"",null])"}) {
        EXPECT_EQ(equals(json::parse(nothing), "a"), truth::no) << nothing;
        EXPECT_EQ(matches(nothing, "*"), truth::no) << nothing;
        const json::value empty = json::parse(nothing);
        EXPECT_EQ(compare_claim(&empty, {.present_only = true}), truth::no) << nothing;
    }
    EXPECT_EQ(compare_claim(nullptr, {.pattern = "*"}), truth::no);
    EXPECT_EQ(compare_claim(nullptr, {.present_only = true}), truth::no);
    EXPECT_EQ(compare_claim(nullptr, std::string_view("a")), truth::no);
    EXPECT_EQ(equals(json::parse(R"({"a":1})"), "a"), truth::unknown);
    EXPECT_EQ(equals(json::parse(R"([{"a":1}])"), "a"), truth::unknown);
    EXPECT_EQ(equals(json::parse(R"([["a"]])"), "a"), truth::unknown);
    EXPECT_EQ(equals(json::parse(R"([{"a":1},"a"])"), "a"), truth::yes);
    for (const char* something : {"[0]", "[false]", "[{}]", "[[]]", R"(["",1])", R"([" "])"}) {
        const json::value claim = json::parse(something);
        EXPECT_EQ(compare_claim(&claim, {.present_only = true}), truth::yes) << something;
    }
    const json::value object = json::parse(R"({"a":1})");
    EXPECT_EQ(compare_claim(&object, {.present_only = true}), truth::yes);
    EXPECT_EQ(compare_claim(&object, std::string_view("a")), truth::unknown);
}

TEST(claim_comparison_test, a_pattern_fits_the_whole_value_of_text_or_integer) {
    EXPECT_EQ(matches(R"("ada@example.com")", "*@example.com"), truth::yes);
    EXPECT_EQ(matches(R"("ada@example.com.evil")", "*@example.com"), truth::no);
    EXPECT_EQ(matches(R"("Ada@Example.com")", "*@example.com"), truth::no) << "case counts";
    EXPECT_EQ(matches(R"("@example.com")", "*@example.com"), truth::yes) << "no byte is any bytes too";
    EXPECT_EQ(matches(R"(["x","ada@example.com"])", "*@example.com"), truth::yes);
    EXPECT_EQ(matches("1234", "12*"), truth::yes);
    EXPECT_EQ(matches("1.5", "1*"), truth::unknown);
    EXPECT_EQ(matches("true", "*"), truth::unknown);
}

TEST(claim_comparison_test, text_equals_an_integer_that_is_written_so) {
    const json::value number = 12;
    EXPECT_EQ(compare_claim(&number, std::string_view("12")), truth::yes);
    EXPECT_EQ(compare_claim(&number, std::string_view("012")), truth::no);
    EXPECT_EQ(compare_claim(&number, std::string_view("")), truth::no);
}

/// By the definition: a star takes nothing, or one byte and may take more.
bool naive_glob(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) {
        return text.empty();
    }
    if (pattern.front() == '*') {
        return naive_glob(pattern.substr(1), text) || (!text.empty() && naive_glob(pattern, text.substr(1)));
    }
    return !text.empty() && pattern.front() == text.front() && naive_glob(pattern.substr(1), text.substr(1));
}

TEST(glob_property_test, matches_what_its_definition_does) {
    std::mt19937 random(11);
    const auto make = [&random](std::string_view letters, int longest) {
        std::string made;
        for (int left = std::uniform_int_distribution(0, longest)(random); left > 0; --left) {
            made += letters[std::uniform_int_distribution<std::size_t>(0, letters.size() - 1)(random)];
        }
        return made;
    };
    int matched = 0;
    for (int round = 0; round < 100'000; ++round) {
        const std::string pattern = make("ab**", 7);
        const std::string text = make("ab*", 10);
        const bool got = matches_glob(pattern, text);
        ASSERT_EQ(got, naive_glob(pattern, text)) << pattern << " " << text;
        matched += got ? 1 : 0;
    }
    EXPECT_GT(matched, 5000);
}

TEST(glob_test, many_stars_on_a_long_text_take_no_exponential_time) {
    std::string pattern;
    for (int star = 0; star < 200; ++star) {
        pattern += "*a";
    }
    EXPECT_FALSE(matches_glob(pattern + "b", std::string(10'000, 'a')));
    EXPECT_TRUE(matches_glob(pattern, std::string(10'000, 'a')));
}

} // namespace
} // namespace bearward::policies::tokens
