#include "proxy/upstream/health.hpp"
#include "proxy/upstream/server_status.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <string_view>

namespace bearward::proxy::upstream {
namespace {

/// The verdicts after each outcome: + for healthy, - for not.
std::string verdicts(health& of, std::string_view outcomes) {
    std::string after;
    for (const char outcome : outcomes) {
        const bool before = of.healthy();
        EXPECT_EQ(of.observe(outcome == '+'), of.healthy() != before) << "it tells its changes";
        after += of.healthy() ? '+' : '-';
    }
    return after;
}

TEST(health, changes_after_so_many_outcomes_in_a_row) {
    health server(2, 3);
    EXPECT_TRUE(server.healthy()) << "before the first check";
    EXPECT_EQ(verdicts(server, "---++"), "++--+");
}

TEST(health, outcomes_that_are_not_in_a_row_change_nothing) {
    health server(2, 3);
    EXPECT_EQ(verdicts(server, "--+--+--+"), "+++++++++");
    EXPECT_EQ(verdicts(server, "---+-+-+-++"), "++--------+");
}

TEST(health, one_can_be_enough) {
    health server(1, 1);
    EXPECT_EQ(verdicts(server, "-+--+"), "-+--+");
}

TEST(health, redirects_are_successes_and_errors_are_not) {
    EXPECT_TRUE(is_success(200));
    EXPECT_TRUE(is_success(204));
    EXPECT_TRUE(is_success(302));
    EXPECT_FALSE(is_success(101));
    EXPECT_FALSE(is_success(404));
    EXPECT_FALSE(is_success(503));
}

TEST(status_registry, gives_every_thread_the_same_status_of_a_server) {
    status_registry statuses;
    const auto one = statuses.at("app", "a:1");
    EXPECT_EQ(statuses.at("app", "a:1"), one);
    EXPECT_NE(statuses.at("other", "a:1"), one) << "another upstream has checks of its own";
    EXPECT_NE(statuses.at("app", "a:2"), one);
}

TEST(status_registry, is_described_by_upstream_and_server) {
    status_registry statuses;
    statuses.at("app", "a:2")->healthy = false;
    statuses.at("app", "a:2")->failed("connect a:2: Connection refused");
    config::upstream_settings app;
    app.name = "app";
    app.servers = {{"a:1", "a", 1, ""}, {"a:2", "a", 2, ""}};
    EXPECT_EQ(boost::json::serialize(describe_upstreams({&app, 1}, statuses)),
              R"({"app":{"servers":[{"address":"a:1","healthy":null,"last_error":null},)"
              R"({"address":"a:2","healthy":null,"last_error":"connect a:2: Connection refused"}]}})");
    app.health_check.emplace();
    EXPECT_EQ(boost::json::serialize(describe_upstreams({&app, 1}, statuses)),
              R"({"app":{"servers":[{"address":"a:1","healthy":true,"last_error":null},)"
              R"({"address":"a:2","healthy":false,"last_error":"connect a:2: Connection refused"}]}})");
}

TEST(server_status, remembers_the_last_error_until_the_server_is_reached_again) {
    server_status status;
    EXPECT_EQ(status.last_error(), "");
    EXPECT_EQ(status.last_connected(), steady_time::min());
    status.failed("first");
    status.failed("second");
    EXPECT_EQ(status.last_error(), "second");
    const auto now = std::chrono::steady_clock::now();
    status.connected(now);
    EXPECT_EQ(status.last_error(), "");
    EXPECT_EQ(status.last_connected(), now);
    status.failed("third");
    status.answered();
    EXPECT_EQ(status.last_error(), "");
}

} // namespace
} // namespace bearward::proxy::upstream
