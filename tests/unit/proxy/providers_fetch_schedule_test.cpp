// When keys are fetched again.
#include "proxy/providers/fetch_schedule.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy::providers {
namespace {

using namespace std::chrono_literals;

TEST(next_refresh, is_refresh_and_a_tenth_sooner_at_most) {
    const config::fetch_settings how;
    EXPECT_EQ(next_refresh(how, std::nullopt, 0.0), 300s);
    EXPECT_EQ(next_refresh(how, std::nullopt, 1.0), 270s);
    EXPECT_EQ(next_refresh(how, std::nullopt, 7.0), 270s) << "chance is bounded";
}

TEST(next_refresh, is_the_answers_freshness_within_bounds) {
    const config::fetch_settings how;
    EXPECT_EQ(next_refresh(how, 60s, 0.0), 60s);
    EXPECT_EQ(next_refresh(how, 0s, 0.0), 10s) << "min_refresh";
    EXPECT_EQ(next_refresh(how, 11s, 1.0), 10s);
    EXPECT_EQ(next_refresh(how, 86'400s, 0.0), 300s) << "refresh";
}

TEST(next_refresh, comes_before_the_keys_are_too_old) {
    config::fetch_settings how;
    how.max_stale = 60s;
    EXPECT_EQ(next_refresh(how, std::nullopt, 0.0), 30s);
    how.max_stale = 12s;
    EXPECT_EQ(next_refresh(how, std::nullopt, 0.0), 10s);
}

TEST(next_retry, doubles_from_a_second_to_thirty) {
    const config::fetch_settings how;
    const auto at = [&](unsigned failures) { return next_retry(how, failures, true, 0.0); };
    EXPECT_EQ(at(1), 1s);
    EXPECT_EQ(at(2), 2s);
    EXPECT_EQ(at(3), 4s);
    EXPECT_EQ(at(5), 16s);
    EXPECT_EQ(at(6), 30s);
    EXPECT_EQ(at(1'000'000), 30s);
    EXPECT_EQ(at(0), 1s);
    EXPECT_EQ(next_retry(how, 3, true, 1.0), 3'200ms);
}

TEST(next_retry, is_no_longer_than_refresh_and_without_keys_than_min_refresh) {
    config::fetch_settings how;
    how.refresh = 20s;
    EXPECT_EQ(next_retry(how, 9, true, 0.0), 20s);
    EXPECT_EQ(next_retry(how, 9, false, 0.0), 10s);
    how.min_refresh = how.refresh = 1s;
    EXPECT_EQ(next_retry(how, 9, false, 0.0), 1s);
}

} // namespace
} // namespace bearward::proxy::providers
