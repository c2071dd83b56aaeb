#include "proxy/upstream/ejection.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy::upstream {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds trial_time{2'000};
constexpr steady_time never = steady_time::min();

struct ejection_test : testing::Test {
    /// An attempt that fails at once.
    void fail() { server.attempt_failed(server.begin_attempt(now, trial_time), now); }
    /// How long it rests from now on.
    [[nodiscard]] std::chrono::milliseconds rest() const {
        std::chrono::milliseconds time{0};
        while (server.resting(now + time)) {
            time += 1ms;
        }
        return time;
    }

    ejection server;
    steady_time now = steady_time{} + 1h;
};

TEST_F(ejection_test, a_new_server_is_asked) {
    EXPECT_FALSE(server.resting(now));
    EXPECT_FALSE(server.resting(steady_time{}));
    EXPECT_FALSE(server.failing());
}

TEST_F(ejection_test, it_rests_twice_as_long_after_each_failure_up_to_a_bound) {
    std::vector<std::chrono::milliseconds> rests;
    for (int round = 0; round < 7; ++round) {
        fail();
        rests.push_back(rest());
        now += rests.back();
    }
    EXPECT_EQ(rests, (std::vector<std::chrono::milliseconds>{500ms, 1s, 2s, 4s, 8s, 10s, 10s}));
}

TEST_F(ejection_test, failures_of_attempts_that_were_under_way_together_count_once) {
    const auto first = server.begin_attempt(now, trial_time);
    const auto second = server.begin_attempt(now, trial_time);
    server.attempt_failed(first, now);
    server.attempt_failed(second, now + 10ms);
    EXPECT_EQ(rest(), ejection::first_rest);
}

TEST_F(ejection_test, after_its_rest_one_attempt_tries_it_and_others_keep_away) {
    fail();
    now += ejection::first_rest;
    ASSERT_FALSE(server.resting(now));
    const auto trial = server.begin_attempt(now, trial_time);
    EXPECT_TRUE(server.resting(now)) << "one trial is enough";
    server.attempt_succeeded();
    EXPECT_FALSE(server.resting(now));
    EXPECT_FALSE(server.failing());
    server.attempt_failed(trial, now);
    EXPECT_EQ(rest(), ejection::first_rest) << "a success ends the doubling";
}

TEST_F(ejection_test, a_trial_of_which_nothing_is_heard_bars_it_for_as_long_as_a_connect_may_take) {
    fail();
    now += ejection::first_rest;
    static_cast<void>(server.begin_attempt(now, trial_time));
    EXPECT_EQ(rest(), trial_time);
}

TEST_F(ejection_test, attempts_on_a_good_server_bar_nobody) {
    static_cast<void>(server.begin_attempt(now, trial_time));
    EXPECT_FALSE(server.resting(now));
}

TEST_F(ejection_test, a_connection_that_died_is_a_short_rest_and_no_failure) {
    server.suspect(now);
    EXPECT_EQ(rest(), ejection::suspicion);
    EXPECT_FALSE(server.failing());
    fail();
    EXPECT_EQ(rest(), ejection::first_rest);
    server.suspect(now);
    EXPECT_EQ(rest(), ejection::first_rest) << "it shortens no other rest";
}

TEST_F(ejection_test, a_thousand_failures_do_not_overflow) {
    for (int round = 0; round < 1000; ++round) {
        fail();
    }
    EXPECT_EQ(rest(), ejection::longest_rest);
}

TEST(outage, is_worth_waiting_for_only_while_it_is_new) {
    const steady_time now = steady_time{} + 1h;
    outage down;
    EXPECT_TRUE(down.worth_waiting(now, 2s));
    down.failed(now, never);
    down.failed(now + 1s, never);
    EXPECT_TRUE(down.worth_waiting(now + 1999ms, 2s)) << "it counts from its beginning";
    EXPECT_FALSE(down.worth_waiting(now + 2s, 2s));
    EXPECT_FALSE(down.worth_waiting(now + 1h, 2s));
    down.ended();
    down.failed(now + 1h, never);
    EXPECT_TRUE(down.worth_waiting(now + 1h, 2s)) << "another one";
}

TEST(outage, is_another_one_once_any_thread_has_connected_meanwhile) {
    const steady_time now = steady_time{} + 1h;
    outage down;
    down.failed(now, now - 1s);
    down.failed(now + 5s, now - 1s);
    EXPECT_FALSE(down.worth_waiting(now + 5s, 2s)) << "a success before it tells nothing";
    down.failed(now + 9s, now + 8s);
    EXPECT_TRUE(down.worth_waiting(now + 9s, 2s));
    EXPECT_FALSE(down.worth_waiting(now + 11s, 2s));
}

TEST(outage, is_forgotten_after_a_while_without_requests) {
    const steady_time now = steady_time{} + 1h;
    outage down;
    down.failed(now, never);
    down.failed(now + outage::memory, never);
    EXPECT_FALSE(down.worth_waiting(now + outage::memory, 2s)) << "requests went on failing";
    const auto later = now + 2 * outage::memory + 1ms;
    down.failed(later, never);
    EXPECT_TRUE(down.worth_waiting(later, 2s));
}

TEST_F(ejection_test, a_success_of_another_thread_ends_its_rest) {
    fail();
    server.heard_of(now - 1ms);
    EXPECT_TRUE(server.failing()) << "that was before";
    server.heard_of(now + 1ms);
    EXPECT_FALSE(server.failing());
    EXPECT_FALSE(server.resting(now + 1ms));
}

TEST_F(ejection_test, old_failures_do_not_lengthen_a_rest) {
    for (int round = 0; round < 5; ++round) {
        fail();
    }
    now += ejection::memory + 1ms;
    fail();
    EXPECT_EQ(rest(), ejection::first_rest);
}

} // namespace
} // namespace bearward::proxy::upstream
