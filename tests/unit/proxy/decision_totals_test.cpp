#include "proxy/telemetry/decision_totals.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace bearward::proxy {
namespace {

using policies::reason;

TEST(decision_totals, are_summed_over_the_workers_the_commonest_first) {
    counter_registry counters(2);
    const std::array<std::string, 2> routes{"a", "b"};
    const auto workers = counters.resolve(routes, {}, {});
    workers[0].routes[0]->decided(reason::ok);
    workers[1].routes[0]->decided(reason::token_missing);
    workers[1].routes[0]->decided(reason::token_missing);
    workers[0].routes[0]->decided(reason::token_missing, decision_mode::observe);
    workers[1].routes[2]->decided(reason::no_route);
    const auto all = sum_decisions(counters);
    ASSERT_EQ(all.size(), 2U) << "b was never asked for";
    const auto& of_a = all.at("a");
    ASSERT_EQ(of_a.size(), 3U);
    EXPECT_EQ(of_a[0].reason, "token_missing");
    EXPECT_EQ(of_a[0].count, 2U);
    EXPECT_EQ(of_a[1].reason, "ok");
    EXPECT_EQ(of_a[2].mode, "observe");
    EXPECT_EQ(all.at("none").front().reason, "no_route");
}

} // namespace
} // namespace bearward::proxy
