#include "proxy/telemetry/counter_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace bearward::proxy {
namespace {

using policies::reason;
using policies::requests::method;
using std::chrono::microseconds;

TEST(counted, counts_while_it_lives_and_where_it_was_moved_to) {
    gauge idle;
    gauge active;
    {
        counted one(active);
        const counted another(active);
        EXPECT_EQ(active.value(), 2U);
        one.move_to(idle);
        EXPECT_EQ(active.value(), 1U);
        EXPECT_EQ(idle.value(), 1U);
        EXPECT_EQ(&one.where(), &idle);
    }
    EXPECT_EQ(active.value(), 0U);
    EXPECT_EQ(idle.value(), 0U);
}

TEST(duration_histogram, bounds_are_inclusive_and_the_last_bucket_takes_the_rest) {
    duration_histogram times;
    times.observe(microseconds{0});
    times.observe(microseconds{1'000});
    times.observe(microseconds{1'001});
    times.observe(microseconds{60'000'000});
    times.observe(microseconds{60'000'001});
    EXPECT_EQ(times.count(0), 2U);
    EXPECT_EQ(times.count(1), 1U);
    EXPECT_EQ(times.count(duration_histogram::bounds.size() - 1), 1U);
    EXPECT_EQ(times.count(duration_histogram::bounds.size()), 1U);
    EXPECT_EQ(times.sum(), 120'002'002U);
}

TEST(duration_histogram, a_negative_time_does_not_lessen_the_sum) {
    duration_histogram times;
    times.observe(microseconds{-5});
    EXPECT_EQ(times.count(0), 1U);
    EXPECT_EQ(times.sum(), 0U);
}

TEST(duration_histogram, bounds_ascend) {
    EXPECT_TRUE(std::ranges::is_sorted(duration_histogram::bounds, std::ranges::less_equal{}));
}

TEST(status_counters, keeps_every_code_apart) {
    status_counters counts;
    for (const auto& each : policies::requests::method_table) {
        for (unsigned code = status_counters::first_code; code <= status_counters::last_code; ++code) {
            EXPECT_EQ(counts.value(each.value, code), 0U);
            counts.add(each.value, code);
            EXPECT_EQ(counts.value(each.value, code), 1U);
        }
    }
    counts.add(method::get, 299);
    EXPECT_EQ(counts.value(method::get, 299), 2U);
    EXPECT_EQ(counts.value(method::get, 200), 1U);
    EXPECT_EQ(counts.value(method::post, 299), 1U);
}

TEST(status_counters, a_code_out_of_range_stays_inside_the_table) {
    status_counters counts;
    counts.add(method::get, 0);
    counts.add(method::get, 1000);
    EXPECT_EQ(counts.value(method::get, status_counters::first_code), 1U);
    EXPECT_EQ(counts.value(method::get, status_counters::last_code), 1U);
}

TEST(status_counters, another_thread_reads_while_one_writes) {
    status_counters counts;
    std::jthread writer([&counts] {
        for (int round = 0; round < 20'000; ++round) {
            counts.add(method::get, 200);
        }
    });
    std::uint64_t last = 0;
    while (last < 20'000) {
        const auto now = counts.value(method::get, 200);
        ASSERT_GE(now, last);
        last = now;
    }
    EXPECT_EQ(last, 20'000U);
}

TEST(route_counters, an_observed_denial_counts_once_under_its_own_reason) {
    route_counters counts;
    counts.decided(reason::ok);
    counts.decided(reason::role_missing, decision_mode::observe);
    counts.decided(reason::token_expired, decision_mode::observe_all);
    const auto at = [&counts](decision_mode mode, reason why) {
        return counts.decisions[static_cast<std::size_t>(mode)][static_cast<std::size_t>(why)].value();
    };
    EXPECT_EQ(at(decision_mode::enforce, reason::ok), 1U);
    EXPECT_EQ(at(decision_mode::observe, reason::role_missing), 1U);
    EXPECT_EQ(at(decision_mode::observe_all, reason::token_expired), 1U);
    EXPECT_EQ(at(decision_mode::enforce, reason::token_expired), 0U);
    EXPECT_EQ(at(decision_mode::enforce, reason::role_missing), 0U);
    EXPECT_EQ(at(decision_mode::observe, reason::ok), 0U);
}

TEST(upstream_counters, only_an_upstreams_own_failures_count) {
    upstream_counters counts;
    for (const policies::reason_row& each : policies::reason_table) {
        counts.failed(each.value);
    }
    for (const auto& each : counts.errors) {
        EXPECT_EQ(each.value(), 1U);
    }
}

class counter_registry_test : public testing::Test {
protected:
    using names = std::vector<std::string>;
    counter_registry registry{2};
};

TEST_F(counter_registry_test, workers_have_blocks_of_their_own) {
    const auto workers = registry.resolve(names{"a", "b"}, names{"app"}, names{"public"});
    ASSERT_EQ(workers.size(), 2U);
    for (const auto& each : workers) {
        EXPECT_EQ(each.routes.size(), 3U); // and the one without a route
        EXPECT_EQ(each.upstreams.size(), 1U);
        EXPECT_EQ(each.listeners.size(), 1U);
    }
    EXPECT_NE(workers[0].routes[0], workers[1].routes[0]);
    EXPECT_NE(workers[0].upstreams[0], workers[1].upstreams[0]);
    EXPECT_NE(workers[0].listeners[0], workers[1].listeners[0]);
}

TEST_F(counter_registry_test, a_name_goes_on_counting_where_it_was_after_a_reload) {
    const auto first = registry.resolve(names{"a", "b"}, names{"app", "old"}, names{"public"});
    static_cast<void>(registry.resolve(names{"c"}, names{"other"}, names{"public"}));
    const auto third = registry.resolve(names{"new", "b", "a"}, names{"app"}, names{"second", "public"});
    for (std::size_t worker = 0; worker < 2; ++worker) {
        EXPECT_EQ(third[worker].routes[1], first[worker].routes[1]);
        EXPECT_EQ(third[worker].routes[2], first[worker].routes[0]);
        EXPECT_NE(third[worker].routes[0], first[worker].routes[0]);
        EXPECT_EQ(third[worker].routes.back(), first[worker].routes.back());
        EXPECT_EQ(third[worker].upstreams[0], first[worker].upstreams[0]);
        EXPECT_EQ(third[worker].listeners[1], first[worker].listeners[0]);
    }
}

TEST_F(counter_registry_test, a_route_with_the_name_none_makes_no_second_series) {
    const auto workers = registry.resolve(names{"none"}, {}, {});
    EXPECT_EQ(workers[0].routes[0], workers[0].routes[1]);
}

} // namespace
} // namespace bearward::proxy
