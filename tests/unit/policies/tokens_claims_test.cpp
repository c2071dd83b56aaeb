#include "policies/tokens/claims.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

using namespace bearward::policies;
using namespace bearward::policies::tokens;
using testing::ElementsAre;
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

TEST(claims, dates_are_seconds_with_fractions) {
    EXPECT_EQ(date_of("0"), 0);
    EXPECT_EQ(date_of("-0.0"), 0);
    EXPECT_EQ(date_of("1300819380"), 1'300'819'380'000);
    EXPECT_EQ(date_of("1300819380.5"), 1'300'819'380'500);
    EXPECT_EQ(date_of("1.3e9"), 1'300'000'000'000);
    EXPECT_EQ(date_of("9007199254740992"), 9'007'199'254'740'992'000);
    EXPECT_EQ(read_date(claims_of("{}"), "exp").value(), std::nullopt);
    EXPECT_EQ(read_date(claims_of(R"({"exp":null})"), "exp").value(), std::nullopt);
}

TEST(claims, dates_of_another_kind_are_refused) {
    for (const char* text : {"-1", "-0.5", "9007199254740993", "9007199254740994.0", "9223372036854775807", "18446744073709551615", "1e300",
                             "-1e300", "true", R"("1300819380")", "[1300819380]", "{}"}) {
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
    claim = nullptr;
    EXPECT_EQ(read_text(&claim), "") << "null is absent";
    for (const char* text : {"1.5", "true", "[\"u\"]", "{}"}) {
        claim = json::parse(text);
        EXPECT_EQ(read_text(&claim), std::unexpected(reason::token_malformed)) << text;
    }
}

TEST(claims, audiences_are_not_split) {
    const json::value claim = "a b";
    EXPECT_THAT(read_strings(&claim).value(), ElementsAre("a b"));
}

} // namespace
