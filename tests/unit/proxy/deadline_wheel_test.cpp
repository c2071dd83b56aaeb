// The wheel against a real clock: what expires when, and what does not.
#include "proxy/event/deadline_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace {

using namespace bearward::proxy;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

struct listener final : deadline_listener {
    std::function<void()> act = [] {};
    clock_type::time_point at{};
    void on_deadline() override {
        at = clock_type::now();
        act();
    }
};

struct wheel_test : ::testing::Test {
    boost::asio::io_context context;
    deadline_wheel wheel{context};
    clock_type::time_point start = clock_type::now();
    listener first;
    listener second;

    [[nodiscard]] static bool expired(const listener& one) { return one.at != clock_type::time_point{}; }
};

TEST_F(wheel_test, a_deadline_expires_once_and_not_before_its_time) {
    deadline one{wheel, first};
    one.arm(150ms);
    EXPECT_TRUE(one.armed());
    context.run_for(600ms);
    ASSERT_TRUE(expired(first));
    EXPECT_GE(first.at - start, 150ms);
    EXPECT_LT(first.at - start, 450ms);
    EXPECT_TRUE(one.expired());
    EXPECT_FALSE(one.armed());
}

TEST_F(wheel_test, a_late_deadline_armed_in_a_listener_does_not_delay_an_earlier_one) {
    deadline one{wheel, first};
    deadline two{wheel, second};
    one.arm(100ms);
    two.arm(400ms);
    first.act = [&] { one.arm(30s); };
    context.run_for(900ms);
    EXPECT_TRUE(expired(second));
}

TEST_F(wheel_test, what_is_disarmed_or_destroyed_does_not_expire) {
    deadline one{wheel, first};
    one.arm(100ms);
    one.disarm();
    {
        deadline two{wheel, second};
        two.arm(100ms);
    }
    context.run_for(400ms);
    EXPECT_FALSE(expired(first));
    EXPECT_FALSE(expired(second));
}

TEST_F(wheel_test, zero_means_never) {
    deadline one{wheel, first};
    one.arm(100ms);
    one.arm(0ms);
    EXPECT_FALSE(one.armed());
    context.run_for(300ms);
    EXPECT_FALSE(expired(first));
}

TEST_F(wheel_test, a_listener_may_destroy_another_that_is_due_at_the_same_time) {
    deadline one{wheel, first};
    auto two = std::make_unique<deadline>(wheel, second);
    one.arm(100ms);
    two->arm(100ms);
    first.act = [&] { two.reset(); };
    context.run_for(400ms);
    EXPECT_TRUE(expired(first));
    EXPECT_FALSE(expired(second));
}

} // namespace
