#include "proxy/upstream/balancer.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace bearward::proxy::upstream {
namespace {

using config::balancing;
using servers = std::vector<candidate>;
using indices = std::vector<std::size_t>;

/// What so many requests in a row get, each after the last.
indices rounds(balancing how, const servers& all, std::size_t count, std::size_t turn = 0) {
    indices chosen;
    for (std::size_t round = 0; round < count; ++round) {
        const auto next = choose_server(how, all, {}, turn);
        chosen.push_back(next.value());
        turn = *next + 1;
    }
    return chosen;
}

TEST(balancer, round_robin_takes_turns) {
    EXPECT_EQ(rounds(balancing::round_robin, servers(3), 7), (indices{0, 1, 2, 0, 1, 2, 0}));
    EXPECT_EQ(rounds(balancing::round_robin, servers(3), 4, 2), (indices{2, 0, 1, 2}));
    EXPECT_EQ(rounds(balancing::round_robin, servers(1), 3), (indices{0, 0, 0}));
}

TEST(balancer, any_turn_is_accepted) {
    EXPECT_EQ(choose_server(balancing::round_robin, servers(3), {}, std::numeric_limits<std::size_t>::max()), 0U);
    EXPECT_EQ(choose_server(balancing::round_robin, servers(3), {}, 31), 1U);
}

TEST(balancer, round_robin_does_not_look_at_how_busy_servers_are) {
    EXPECT_EQ(rounds(balancing::round_robin, {{.busy = 9}, {.busy = 0}}, 4), (indices{0, 1, 0, 1}));
}

TEST(balancer, least_connections_takes_the_least_busy) {
    EXPECT_EQ(choose_server(balancing::least_connections, servers{{.busy = 3}, {.busy = 1}, {.busy = 2}}, {}, 0), 1U);
}

TEST(balancer, equally_busy_ones_take_turns) {
    EXPECT_EQ(rounds(balancing::least_connections, {{.busy = 1}, {.busy = 1}, {.busy = 2}}, 4), (indices{0, 1, 0, 1}));
}

TEST(balancer, servers_that_rest_are_passed_over_and_the_others_keep_their_turns) {
    const servers all{{}, {.how = standing::resting}, {}};
    EXPECT_EQ(rounds(balancing::round_robin, all, 4), (indices{0, 2, 0, 2}));
    EXPECT_EQ(choose_server(balancing::least_connections, servers{{.busy = 5}, {.how = standing::resting}}, {}, 0), 0U);
}

TEST(balancer, the_best_of_bad_ones_is_taken_rather_than_none) {
    EXPECT_EQ(choose_server(balancing::round_robin, servers{{.how = standing::unhealthy}, {.how = standing::resting}}, {}, 0), 1U);
    EXPECT_EQ(rounds(balancing::round_robin, {{.how = standing::unhealthy}, {.how = standing::unhealthy}}, 3), (indices{0, 1, 0}));
}

TEST(balancer, each_is_tried_once_and_then_there_is_none) {
    const servers all{{}, {.how = standing::unhealthy}, {.how = standing::resting}, {}};
    indices tried;
    while (const auto next = choose_server(balancing::round_robin, all, tried, 3)) {
        tried.push_back(*next);
    }
    EXPECT_EQ(tried, (indices{3, 0, 2, 1})) << "in the order of their standing";
}

TEST(balancer, without_servers_there_is_no_choice) {
    EXPECT_EQ(choose_server(balancing::round_robin, {}, {}, 0), std::nullopt);
}

} // namespace
} // namespace bearward::proxy::upstream
