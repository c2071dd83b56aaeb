// The rate of requests: arithmetic over one number, and the table of all of them.
#include "policies/rules/rate_limit.hpp"
#include "policies/rules/rate_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace bearward::policies::rules {
namespace {

using namespace std::chrono_literals;

constexpr rate_time second = 1'000'000'000;
constexpr rate_time start = 1'800'000'000 * second;
constexpr rate_limit ten_a_second{.per = rate_subject::user, .count = 10, .period = 1s, .burst = 5};

/// How many of `requests`, one each `step`, are let through.
int count_allowed(const rate_limit& of, int requests, rate_time step) {
    rate_time paid = 0;
    int allowed = 0;
    for (int index = 0; index < requests; ++index) {
        allowed += take(of, paid, start + index * step).allowed ? 1 : 0;
    }
    return allowed;
}

TEST(rate_limit_test, a_burst_and_then_the_rate) {
    EXPECT_EQ(count_allowed(ten_a_second, 100, 0), 5);
    EXPECT_EQ(count_allowed(ten_a_second, 10'000, second / 1'000), 104) << "10 s at 10 a second, and the burst";
    EXPECT_EQ(count_allowed(ten_a_second, 100, second / 10), 100) << "the rate itself is never limited";
}

TEST(rate_limit_test, a_refused_request_costs_nothing) {
    rate_time paid = 0;
    for (int index = 0; index < 5; ++index) {
        EXPECT_TRUE(take(ten_a_second, paid, start).allowed);
    }
    const rate_time before = paid;
    EXPECT_FALSE(take(ten_a_second, paid, start).allowed);
    EXPECT_EQ(paid, before);
    EXPECT_TRUE(take(ten_a_second, paid, start + second / 10).allowed);
}

TEST(rate_limit_test, it_says_what_is_left_and_when_more_is) {
    rate_time paid = 0;
    rate_outcome outcome = take(ten_a_second, paid, start, false);
    EXPECT_EQ(outcome.left, 5U);
    EXPECT_EQ(outcome.until_full, 0s);
    EXPECT_EQ(paid, 0);
    outcome = take(ten_a_second, paid, start);
    EXPECT_EQ(outcome.left, 4U);
    EXPECT_EQ(outcome.until_full, 1s) << "rounded up";
    EXPECT_EQ(outcome.retry_after, 0s);

    const rate_limit slow{.per = rate_subject::tenant, .count = 2, .period = 1min, .burst = 1};
    rate_time of_slow = 0;
    EXPECT_TRUE(take(slow, of_slow, start).allowed);
    outcome = take(slow, of_slow, start + second);
    EXPECT_FALSE(outcome.allowed);
    EXPECT_EQ(outcome.retry_after, 29s);
    EXPECT_EQ(outcome.left, 0U);
}

TEST(rate_limit_test, a_clock_that_is_set_back_limits_nobody_for_longer_than_a_window) {
    rate_time paid = 0;
    for (int index = 0; index < 5; ++index) {
        EXPECT_TRUE(take(ten_a_second, paid, start + 3'600 * second).allowed);
    }
    EXPECT_FALSE(take(ten_a_second, paid, start).allowed);
    EXPECT_TRUE(take(ten_a_second, paid, start + 3'600 * second + second / 2).allowed);
    rate_time far = start + 3'600 * second;
    EXPECT_FALSE(take(ten_a_second, far, start).allowed);
    EXPECT_EQ(take(ten_a_second, far, start).until_full, 1s) << "no hour";
}

TEST(rate_limit_test, the_fields_have_the_forms_of_the_draft) {
    const rate_limit limit{.per = rate_subject::user, .count = 100, .period = 1s, .burst = 200};
    EXPECT_EQ(make_rate_texts(limit, "r").policy, R"("user";q=200;w=2)");
    std::string field;
    append_rate_field(make_rate_texts(limit, "r"), {.left = 199, .until_full = 1s}, field);
    EXPECT_EQ(field, R"("user";r=199;t=1)");
    EXPECT_EQ(make_rate_texts({.per = rate_subject::address, .count = 100, .period = 1s, .burst = 1}, "r").policy, R"("address";q=1;w=1)");
}

TEST(rate_limit_test, keys_differ_where_the_route_or_its_limit_does) {
    const rate_limit limit{.count = 1, .period = 1s, .burst = 23};
    EXPECT_EQ(make_rate_texts(limit, "r").key, make_rate_texts(limit, "r").key);
    EXPECT_NE(make_rate_texts(limit, "r").key, make_rate_texts(limit, "s").key);
    EXPECT_NE(make_rate_texts(limit, "r").key, make_rate_texts({.count = 12, .period = 1s, .burst = 3}, "r").key);
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(make_rate_texts({.count = most, .period = 1s, .burst = most}, "").key,
              std::string("\0"
                          "18446744073709551615/1000/18446744073709551615",
                          47));
}

constexpr time_point now{1'800'000'000s};

TEST(rate_table_test, each_key_has_its_own) {
    rate_table table({1, 2});
    const rate_limit one{.per = rate_subject::user, .count = 1, .period = 1min, .burst = 1};
    EXPECT_TRUE(table.take(one, "a", now).allowed);
    EXPECT_FALSE(table.take(one, "a", now).allowed);
    EXPECT_TRUE(table.take(one, "b", now).allowed);
    EXPECT_TRUE(table.take(one, "b", now, false).retry_after > 0s);
    EXPECT_TRUE(table.take(one, "a", now + 1min).allowed);
}

TEST(rate_table_test, a_flood_of_keys_neither_grows_it_nor_lets_a_busy_one_go) {
    rate_table table({3, 4});
    const rate_limit limit{.per = rate_subject::address, .count = 1, .period = 1h, .burst = 100};
    for (int index = 0; index < 100; ++index) {
        EXPECT_TRUE(table.take(limit, "busy", now).allowed);
    }
    for (int index = 0; index < 300'000; ++index) {
        EXPECT_TRUE(table.take(limit, std::to_string(index), now).allowed);
    }
    EXPECT_FALSE(table.take(limit, "busy", now).allowed) << "it has used most: it is forgotten last";
    EXPECT_LE(rate_table::memory(), std::size_t{8} * 1024 * 1024);
}

TEST(rate_table_test, threads_take_from_one_limit) {
    rate_table table({5, 6});
    const rate_limit limit{.per = rate_subject::user, .count = 1, .period = 1h, .burst = 1'000};
    std::atomic<int> allowed{0};
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&] {
                for (int index = 0; index < 1'000; ++index) {
                    allowed += table.take(limit, "shared", now).allowed ? 1 : 0;
                    (void)table.take(limit, std::to_string(index), now);
                }
            });
        }
    }
    EXPECT_EQ(allowed, 1'000);
}

} // namespace
} // namespace bearward::policies::rules
