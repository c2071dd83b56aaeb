#include "policies/tokens/claims.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

using namespace bearward::policies;
using namespace bearward::policies::tokens;
using testing::ElementsAre;
using testing::IsEmpty;
namespace json = boost::json;

namespace {

json::object claims_of(std::string_view text) {
    return json::parse(text).as_object();
}

/// Milliseconds; -1 when refused, -2 when absent.
std::int64_t date_of(std::string_view text) {
    const auto date = read_date(claims_of("{\"exp\":" + std::string(text) + "}"), "exp");
    if (!date) {
        EXPECT_EQ(date.error(), reason::token_malformed);
        return -1;
    }
    return *date ? (*date)->time_since_epoch().count() : -2;
}

TEST(claims, a_path_walks_objects) {
    const json::object claims = claims_of(R"({"a":{"b":{"c":1}},"x":[{"b":1}],"s":"t"})");
    EXPECT_EQ(*find_claim(claims, {"a", "b", "c"}), 1);
    EXPECT_EQ(find_claim(claims, {"a", "c"}), nullptr);
    EXPECT_EQ(find_claim(claims, {"x", "b"}), nullptr);
    EXPECT_EQ(find_claim(claims, {"s", "t"}), nullptr);
    EXPECT_EQ(find_claim(claims, {"n"}), nullptr);
    EXPECT_EQ(find_claim(claims, {}), nullptr);
}

TEST(claims, a_name_that_is_the_whole_dotted_path_wins) {
    const json::object claims = claims_of(R"({"https://example.com/roles":["a"],"a.b":1,"a":{"b":2}})");
    EXPECT_EQ(*find_claim(claims, {"https://example", "com/roles"}), json::parse(R"(["a"])"));
    EXPECT_EQ(*find_claim(claims, {"a", "b"}), 1);
}

TEST(claims, of_several_paths_the_first_present_counts) {
    const json::object claims = claims_of(R"({"scp":"b","scope":"a"})");
    const std::vector<claim_path> paths{{"none"}, {"scope"}, {"scp"}};
    EXPECT_EQ(*find_first_claim(claims, paths), "a");
    EXPECT_EQ(find_first_claim(claims, {claim_path{"none"}}), nullptr);
}

TEST(claims, an_array_holds_each_of_its_values) {
    EXPECT_TRUE(claim_holds(json::parse(R"(["a","b"])"), "b"));
    EXPECT_FALSE(claim_holds(json::parse(R"(["a","b"])"), "c"));
    EXPECT_FALSE(claim_holds(json::parse(R"([["a"]])"), "a"));
    EXPECT_TRUE(claim_holds("a", "a"));
    EXPECT_FALSE(claim_holds("a", "A"));
    EXPECT_FALSE(claim_holds("1", 1));
    EXPECT_FALSE(claim_holds(true, "true"));
    EXPECT_FALSE(claim_holds(true, 1));
}

TEST(claims, numbers_are_compared_as_numbers) {
    EXPECT_TRUE(claim_holds(1.0, 1));
    EXPECT_TRUE(claim_holds(json::value(std::uint64_t{5}), json::value(std::int64_t{5})));
    EXPECT_TRUE(claim_holds(json::parse("[2.0]"), json::value(std::uint64_t{2})));
    EXPECT_FALSE(claim_holds(1.5, 1));
    EXPECT_FALSE(claim_holds(-1.0, json::value(std::numeric_limits<std::uint64_t>::max())));
    EXPECT_FALSE(claim_holds(1e300, 1));
}

TEST(claims, dates_are_seconds_with_fractions) {
    EXPECT_EQ(date_of("0"), 0);
    EXPECT_EQ(date_of("-0.0"), 0);
    EXPECT_EQ(date_of("1300819380"), 1'300'819'380'000);
    EXPECT_EQ(date_of("1300819380.5"), 1'300'819'380'500);
    EXPECT_EQ(date_of("1.3e9"), 1'300'000'000'000);
    EXPECT_EQ(date_of("9007199254740992"), 9'007'199'254'740'992'000);
    EXPECT_EQ(read_date(claims_of("{}"), "exp").value(), std::nullopt);
}

TEST(claims, dates_of_another_kind_are_refused) {
    for (const char* text : {"-1", "-0.5", "9007199254740993", "9007199254740994.0", "9223372036854775807", "18446744073709551615", "1e300",
                             "-1e300", "null", "true", R"("1300819380")", "[1300819380]", "{}"}) {
        EXPECT_EQ(date_of(text), -1) << text;
    }
}

TEST(claims, texts_are_strings_or_integers) {
    EXPECT_EQ(read_text(nullptr), "");
    json::value claim = "u-1";
    EXPECT_EQ(read_text(&claim), "u-1");
    claim = 42;
    EXPECT_EQ(read_text(&claim), "42");
    claim = -7;
    EXPECT_EQ(read_text(&claim), "-7");
    claim = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(read_text(&claim), "18446744073709551615");
    for (const char* text : {"1.5", "null", "true", "[\"u\"]", "{}"}) {
        claim = json::parse(text);
        EXPECT_EQ(read_text(&claim), std::unexpected(reason::token_malformed)) << text;
    }
}

TEST(claims, lists_are_arrays_of_strings_or_one_split_string) {
    const auto list = [](std::string_view text) {
        const json::value claim = json::parse(text);
        return read_list(&claim).value();
    };
    EXPECT_THAT(read_list(nullptr).value(), IsEmpty());
    EXPECT_THAT(list(R"(["a","b c","d,e"])"), ElementsAre("a", "b c", "d,e"));
    EXPECT_THAT(list(R"(["",  "a"])"), ElementsAre("a"));
    EXPECT_THAT(list(R"("a b,c , d")"), ElementsAre("a", "b", "c", "d"));
    EXPECT_THAT(list(R"(" ,a,, ")"), ElementsAre("a"));
    EXPECT_THAT(list(R"("")"), IsEmpty());
    EXPECT_THAT(list("[]"), IsEmpty());
    EXPECT_THAT(list(R"("a\tb")"), ElementsAre("a\tb"));
}

TEST(claims, lists_of_another_kind_are_refused) {
    for (const char* text : {"null", "1", "true", "{}", R"(["a",1])", R"(["a",null])", R"([["a"]])", R"({"admin":true})"}) {
        const json::value claim = json::parse(text);
        EXPECT_EQ(read_list(&claim), std::unexpected(reason::token_malformed)) << text;
    }
}

TEST(claims, audiences_are_not_split) {
    const json::value claim = "a b";
    EXPECT_THAT(read_strings(&claim).value(), ElementsAre("a b"));
}

} // namespace
