// Active health checks: what is asked, who is passed over, and what /status says.
#include "proxy/upstream/health_monitor.hpp"
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace {

using namespace bearward::test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string get = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string checks = "health_check: {path: \"/health?deep=1\", interval: 100ms, timeout: 500ms, healthy: 2, unhealthy: 2}";

message ask(raw_socket& client) {
    client.send(get);
    return read_response(client);
}

/// A server that answers checks as it is set to, and everything else with its name.
class checked_server {
public:
    explicit checked_server(const std::string& name)
        : upstream_([this, name](raw_socket& peer, std::size_t) {
              while (peer.has_more()) {
                  const auto request = read_request(peer);
                  const bool check = request.head.starts_with("GET /health?deep=1 ");
                  if (!check) {
                      peer.send(ok(name));
                      continue;
                  }
                  ++checks_;
                  if (silent) {
                      static_cast<void>(peer.receive_to_end());
                      return;
                  }
                  peer.send(healthy ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                                    : "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
              }
          }) {}

    [[nodiscard]] std::string address() const { return "\"127.0.0.1:" + std::to_string(upstream_.port()) + '"'; }
    [[nodiscard]] const scripted_upstream& upstream() const { return upstream_; }
    /// Waits for so many more checks.
    void await_checks(int more) const {
        const int wanted = checks_ + more;
        EXPECT_TRUE(wait_until([&] { return checks_ >= wanted; }));
    }
    [[nodiscard]] int checks() const { return checks_; }

    std::atomic<bool> healthy{true};
    std::atomic<bool> silent{false};

private:
    std::atomic<int> checks_{0};
    scripted_upstream upstream_;
};

/// Which server answered each of so many requests in a row.
std::string answers(raw_socket& client, int count) {
    std::string bodies;
    for (int round = 0; round < count; ++round) {
        bodies += ask(client).body;
    }
    return bodies;
}

TEST(upstream_health, a_server_that_fails_its_checks_is_passed_over_until_they_succeed) {
    checked_server first{"a"};
    checked_server second{"b"};
    running_proxy proxy{{.upstream = checks, .servers = first.address() + ", " + second.address()}};
    auto client = proxy.connect();
    EXPECT_EQ(answers(client, 4), "abab");
    first.healthy = false;
    EXPECT_TRUE(wait_until([&] { return answers(client, 4) == "bbbb"; }));
    first.healthy = true;
    EXPECT_TRUE(wait_until([&] { return answers(client, 4).find('a') != std::string::npos; }));
}

TEST(upstream_health, a_check_that_is_not_answered_in_time_has_failed) {
    checked_server first{"a"};
    checked_server second{"b"};
    running_proxy proxy{{.upstream = checks, .servers = first.address() + ", " + second.address()}};
    auto client = proxy.connect();
    first.silent = true;
    EXPECT_TRUE(wait_until([&] { return answers(client, 4) == "bbbb"; }));
}

TEST(upstream_health, unhealthy_ones_are_asked_when_there_is_no_other) {
    checked_server only{"a"};
    only.healthy = false;
    running_proxy proxy{{.upstream = checks, .servers = only.address()}};
    auto client = proxy.connect();
    only.await_checks(4);
    EXPECT_EQ(answers(client, 2), "aa");
}

TEST(upstream_health, a_check_is_a_plain_get_on_a_connection_of_its_own) {
    checked_server only{"a"};
    running_proxy proxy{{.upstream = checks, .servers = only.address()}};
    only.await_checks(2);
    const auto request = only.upstream().received(0);
    EXPECT_THAT(request, StartsWith("GET /health?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
    EXPECT_THAT(request, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(only.upstream().received(1), request);
}

TEST(upstream_health, checks_end_with_the_server) {
    checked_server only{"a"};
    {
        running_proxy proxy{{.upstream = checks, .servers = only.address()}};
        only.await_checks(1);
        only.silent = true; // one is under way at the end
        only.await_checks(1);
    }
    const auto before = only.checks();
    std::this_thread::sleep_for(400ms);
    EXPECT_EQ(only.checks(), before);
}

/// A monitor on a thread of its own, as the control thread runs it.
struct upstream_monitor : ::testing::Test {
    ~upstream_monitor() override {
        boost::asio::post(context, [this] {
            monitor.stop();
            context.stop();
        });
        thread.join();
    }
    [[nodiscard]] static bearward::config::upstream_settings settings(const checked_server& server, const std::string& path) {
        bearward::config::upstream_settings made;
        made.name = "app";
        const auto port = server.upstream().port();
        made.servers = {{"127.0.0.1:" + std::to_string(port), "127.0.0.1", port, ""}};
        made.health_check = {.path = path, .interval = 100ms, .timeout = 500ms, .healthy = 1, .unhealthy = 1};
        return made;
    }
    [[nodiscard]] std::string error_of(const bearward::config::upstream_settings& of) {
        return known.statuses.at(of.name, of.servers.front().text)->last_error();
    }
    [[nodiscard]] bool healthy(const bearward::config::upstream_settings& of) {
        return known.statuses.at(of.name, of.servers.front().text)->healthy;
    }

    bearward::proxy::upstream::directory known{bearward::proxy::upstream::look_up_name};
    boost::asio::io_context context;
    bearward::proxy::upstream::health_monitor monitor{context, known};
    std::thread thread{[this] {
        const auto work = boost::asio::make_work_guard(context);
        context.run();
    }};
};

TEST_F(upstream_monitor, a_reload_keeps_the_verdict_of_an_unchanged_check_and_forgets_that_of_a_removed_one) {
    checked_server server{"a"};
    server.healthy = false;
    const auto app = settings(server, "/health?deep=1");
    monitor.watch({app});
    ASSERT_TRUE(wait_until([&] { return !healthy(app); }));
    monitor.watch({app});
    server.await_checks(2);
    EXPECT_FALSE(healthy(app));
    auto unchecked = app;
    unchecked.health_check.reset();
    monitor.watch({unchecked});
    EXPECT_TRUE(wait_until([&] { return healthy(app); })) << "nobody would ever say that it is healthy again";
    const auto before = server.checks();
    std::this_thread::sleep_for(300ms);
    EXPECT_LE(server.checks(), before + 1);
}

TEST_F(upstream_monitor, a_server_that_refuses_connections_is_unhealthy) {
    std::optional<checked_server> server;
    server.emplace("a");
    const auto app = settings(*server, "/health?deep=1");
    monitor.watch({app});
    server->await_checks(1);
    server.reset();
    EXPECT_TRUE(wait_until([&] { return !healthy(app); }));
    EXPECT_EQ(error_of(app), "health check: connect " + app.servers.front().text + ": Connection refused");
}

TEST_F(upstream_monitor, an_unhealthy_server_has_its_reason_until_a_check_succeeds_or_there_are_none) {
    checked_server server{"a"};
    server.healthy = false;
    auto app = settings(server, "/health?deep=1");
    monitor.watch({app});
    EXPECT_TRUE(wait_until([&] { return error_of(app) == "health check: 503"; })) << error_of(app);
    known.statuses.at(app.name, app.servers.front().text)->answered();
    EXPECT_EQ(error_of(app), "health check: 503") << "an answered request does not make it healthy";
    server.healthy = true;
    EXPECT_TRUE(wait_until([&] { return error_of(app).empty(); }));
    server.silent = true;
    EXPECT_TRUE(wait_until([&] { return error_of(app) == "health check: timed out after 500 ms"; })) << error_of(app);
    app.health_check.reset();
    monitor.watch({app});
    EXPECT_TRUE(wait_until([&] { return error_of(app).empty(); }));
}

TEST_F(upstream_monitor, an_answer_that_is_not_http_is_a_failure) {
    scripted_upstream odd{[](raw_socket& peer, std::size_t number) {
        static_cast<void>(peer.receive_until("\r\n\r\n"));
        peer.send(number == 0 ? ok("") : "220 mail.example.com ESMTP\r\n\r\n");
    }};
    bearward::config::upstream_settings app;
    app.name = "app";
    app.servers = {{"127.0.0.1:" + std::to_string(odd.port()), "127.0.0.1", odd.port(), ""}};
    app.health_check = {.path = "/", .interval = 100ms, .timeout = 500ms, .healthy = 1, .unhealthy = 1};
    monitor.watch({app});
    EXPECT_TRUE(wait_until([&] { return !healthy(app); }));
    EXPECT_EQ(error_of(app), "health check: response: malformed status line");
}

} // namespace
