#include "policies/date_text.hpp"

#include <gtest/gtest.h>

namespace bearward::policies {
namespace {

using namespace std::chrono_literals;

TEST(date_text, writes_and_reads_times) {
    EXPECT_EQ(to_rfc3339(time_point{0s}), "1970-01-01T00:00:00Z");
    EXPECT_EQ(to_rfc3339(time_point{1'700'000'000s + 7ms}), "2023-11-14T22:13:20.007Z");
    EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20.007Z"), time_point{1'700'000'000s + 7ms});
    for (const auto since : {-62'167'219'200s, -1s, 0s, 951'782'399s, 951'868'800s, 253'402'300'799s}) {
        EXPECT_EQ(parse_rfc3339(to_rfc3339(time_point{since})), time_point{since}) << since.count();
    }
}

TEST(date_text, times_beyond_four_digits_of_years_are_seconds) {
    EXPECT_EQ(to_rfc3339(time_point{253'402'300'800s}), "253402300800");
    EXPECT_EQ(to_rfc3339(time_point{-62'167'219'201s}), "-62167219201");
}

TEST(date_text, reads_offsets_fractions_and_small_letters) {
    EXPECT_EQ(parse_rfc3339("2023-11-14T23:13:20+01:00"), time_point{1'700'000'000s});
    EXPECT_EQ(parse_rfc3339("2023-11-14T16:43:20-05:30"), time_point{1'700'000'000s});
    EXPECT_EQ(parse_rfc3339("2023-11-14t22:13:20.123456789z"), time_point{1'700'000'000s + 123ms});
    EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:60Z"), time_point{1'700'000'040s});
}

TEST(date_text, refuses_other_texts_and_dates_that_do_not_exist) {
    for (const char* text : {"", "2023", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-02-29T00:00:00Z",
                             "2023-13-01T00:00:00Z", "2023-11-14T24:00:00Z", "2023-11-14T22:60:00Z", "2023-11-14T22:13:61Z",
                             "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+24:00", "2023-11-14T22:13:20+01:60", "2023-11-14T22:13:20+0100",
                             "2023-11-14T22:13:20ZZ", " 2023-11-14T22:13:20Z", "+023-11-14T22:13:20Z"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

} // namespace
} // namespace bearward::policies
