#include "proxy/telemetry/metrics_page.hpp"

#include "proxy/admin/reload_metrics.hpp"
#include "proxy/telemetry/process_metrics.hpp"
#include "proxy/telemetry/request_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <sstream>

namespace bearward::proxy {
namespace {

using policies::reason;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The samples of a page: the series to its value.
std::map<std::string, std::string> samples_of(const std::string& page) {
    std::map<std::string, std::string> samples;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('#')) {
            continue;
        }
        const auto space = line.rfind(' ');
        EXPECT_TRUE(samples.emplace(line.substr(0, space), line.substr(space + 1)).second) << "twice: " << line;
    }
    return samples;
}

class request_metrics_test : public testing::Test {
protected:
    using names = std::vector<std::string>;

    request_metrics_test() { page_.add(std::make_shared<request_metrics>(registry_)); }
    [[nodiscard]] std::map<std::string, std::string> samples() const { return samples_of(page_.text()); }
    [[nodiscard]] std::string text() const { return page_.text(); }
    route_counters& route(std::size_t worker) { return *workers_[worker].routes[0]; }
    route_counters& no_route(std::size_t worker) { return *workers_[worker].routes.back(); }
    upstream_counters& upstream(std::size_t worker) { return *workers_[worker].upstreams[0]; }
    token_cache_counters& token_cache(std::size_t worker) { return *workers_[worker].token_caches[0]; }
    listener_counters& listener(std::size_t worker) { return *workers_[worker].listeners[0]; }

private:
    counter_registry registry_{2};
    std::vector<worker_counters> workers_ = registry_.resolve(names{"api"}, names{"app"}, names{"public"}, names{"main"});
    metrics_page page_;
};

TEST_F(request_metrics_test, before_the_first_request_only_gauges_and_upstream_errors_are_there) {
    const std::string expected = R"(# HELP bearward_upstream_errors_total Requests without a whole answer from the upstream.
# TYPE bearward_upstream_errors_total counter
bearward_upstream_errors_total{upstream="app",reason="upstream_unavailable"} 0
bearward_upstream_errors_total{upstream="app",reason="upstream_timeout"} 0
bearward_upstream_errors_total{upstream="app",reason="upstream_error"} 0
# HELP bearward_upstream_connections Connections to upstreams.
# TYPE bearward_upstream_connections gauge
bearward_upstream_connections{upstream="app",state="active"} 0
bearward_upstream_connections{upstream="app",state="idle"} 0
# HELP bearward_connections Open client connections, WebSockets too.
# TYPE bearward_connections gauge
bearward_connections{listener="public"} 0
# HELP bearward_build_info Always 1; what runs.
# TYPE bearward_build_info gauge
bearward_build_info{version=")" BEARWARD_VERSION R"("} 1
)";
    EXPECT_EQ(text(), expected);
}

TEST_F(request_metrics_test, lookups_of_tokens_have_the_provider_and_the_result) {
    token_cache(0).looked_up(token_lookup::hit);
    token_cache(1).looked_up(token_lookup::hit);
    token_cache(1).looked_up(token_lookup::miss);
    const auto found = samples();
    EXPECT_EQ(found.at(R"(bearward_token_cache_total{provider="main",result="hit"})"), "2");
    EXPECT_EQ(found.at(R"(bearward_token_cache_total{provider="main",result="miss"})"), "1");
    EXPECT_FALSE(found.contains(R"(bearward_token_cache_total{provider="main",result="negative_hit"})"));
}

TEST_F(request_metrics_test, workers_add_up) {
    route(0).requests.add(policies::requests::method::get, 200);
    route(1).requests.add(policies::requests::method::get, 200);
    route(1).requests.add(policies::requests::method::other, 207);
    no_route(1).requests.add(policies::requests::method::get, 404);
    const auto found = samples();
    EXPECT_EQ(found.at(R"(bearward_requests_total{route="api",method="GET",code="200"})"), "2");
    EXPECT_EQ(found.at(R"(bearward_requests_total{route="api",method="other",code="207"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_requests_total{route="none",method="GET",code="404"})"), "1");
}

TEST_F(request_metrics_test, codes_from_the_first_to_the_last_count) {
    for (const unsigned code : {status_counters::first_code, 199U, 200U, 599U, 900U, status_counters::last_code}) {
        route(0).requests.add(policies::requests::method::put, code);
    }
    const auto found = samples();
    for (const char* code : {"100", "199", "200", "599", "900", "999"}) {
        EXPECT_EQ(found.at(std::string(R"(bearward_requests_total{route="api",method="PUT",code=")") + code + "\"}"), "1") << code;
    }
}

TEST_F(request_metrics_test, decisions_have_a_reason_and_a_mode) {
    route(0).decided(reason::ok);
    route(1).decided(reason::public_route);
    route(0).decided(reason::tenant_mismatch, decision_mode::observe);
    route(0).decided(reason::token_missing, decision_mode::observe_all);
    no_route(0).decided(reason::bad_request);
    const auto found = samples();
    EXPECT_EQ(found.at(R"(bearward_decisions_total{route="api",reason="ok",mode="enforce"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_decisions_total{route="api",reason="public",mode="enforce"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_decisions_total{route="api",reason="tenant_mismatch",mode="observe"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_decisions_total{route="api",reason="token_missing",mode="observe_all"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_decisions_total{route="none",reason="bad_request",mode="enforce"})"), "1");
}

TEST_F(request_metrics_test, histograms_are_cumulative_and_in_seconds) {
    route(0).duration.observe(std::chrono::microseconds{700});
    route(1).duration.observe(std::chrono::milliseconds{3});
    route(1).duration.observe(std::chrono::minutes{2});
    const auto found = samples();
    const auto bucket = [&found](const std::string& bound) {
        return found.at(R"(bearward_request_duration_seconds_bucket{route="api",le=")" + bound + R"("})");
    };
    EXPECT_EQ(bucket("0.001"), "1");
    EXPECT_EQ(bucket("0.0025"), "1");
    EXPECT_EQ(bucket("0.005"), "2");
    EXPECT_EQ(bucket("60"), "2");
    EXPECT_EQ(bucket("+Inf"), "3");
    EXPECT_EQ(found.at(R"(bearward_request_duration_seconds_count{route="api"})"), "3");
    EXPECT_NEAR(std::stod(found.at(R"(bearward_request_duration_seconds_sum{route="api"})")), 120.0037, 1e-9);
}

TEST_F(request_metrics_test, upstreams_have_durations_errors_and_connections) {
    upstream(0).duration.observe(std::chrono::milliseconds{1});
    upstream(1).failed(reason::upstream_timeout);
    const counted busy(upstream(0).active);
    const counted idle(upstream(1).idle);
    const counted client(listener(1).connections);
    const auto found = samples();
    EXPECT_EQ(found.at(R"(bearward_upstream_duration_seconds_count{upstream="app"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_upstream_errors_total{upstream="app",reason="upstream_timeout"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_upstream_connections{upstream="app",state="active"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_upstream_connections{upstream="app",state="idle"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_connections{listener="public"})"), "1");
}

TEST_F(request_metrics_test, websockets_stay_visible_at_zero_once_there_was_one) {
    EXPECT_THAT(text(), Not(HasSubstr("bearward_websockets")));
    {
        const counted open(route(0).websockets);
        EXPECT_EQ(samples().at(R"(bearward_websockets{route="api"})"), "1");
    }
    route(0).websockets_opened.add();
    route(0).from_clients.bytes.add(12);
    route(0).to_clients.frames.add(3);
    route(0).closed(tunnel_end::idle_timeout, std::chrono::seconds{90});
    route(1).closed(reason::role_missing);
    const auto found = samples();
    EXPECT_EQ(found.at(R"(bearward_websockets{route="api"})"), "0");
    EXPECT_EQ(found.at(R"(bearward_websocket_closes_total{route="api",reason="idle_timeout"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_websocket_closes_total{route="api",reason="role_missing"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_websockets_opened_total{route="api"})"), "1");
    EXPECT_EQ(found.at(R"(bearward_websocket_seconds_total{route="api"})"), "90");
    EXPECT_EQ(found.at(R"(bearward_websocket_bytes_total{route="api",direction="in"})"), "12");
    EXPECT_EQ(found.at(R"(bearward_websocket_bytes_total{route="api",direction="out"})"), "0");
    EXPECT_EQ(found.at(R"(bearward_websocket_frames_total{route="api",direction="out"})"), "3");
}

TEST_F(request_metrics_test, no_series_stands_twice_when_an_open_socket_and_a_handshake_end_for_the_same_reason) {
    route(0).closed(tunnel_end::token_expired, std::chrono::seconds{1});
    route(0).closed(reason::token_expired);
    EXPECT_EQ(samples().at(R"(bearward_websocket_closes_total{route="api",reason="token_expired"})"), "2");
}

TEST(request_metrics, names_are_escaped) {
    counter_registry registry(1);
    const std::vector<std::string> routes{"a\"b\\c\nd"};
    registry.resolve(routes, {}, {})[0].routes[0]->decided(reason::ok);
    metrics_page page;
    page.add(std::make_shared<request_metrics>(registry));
    EXPECT_THAT(page.text(), HasSubstr(R"(bearward_decisions_total{route="a\"b\\c\nd",reason="ok",mode="enforce"} 1)"));
}

double value_of(const std::vector<prometheus::MetricFamily>& families, const std::string& name) {
    for (const auto& each : families) {
        if (each.name == name) {
            const auto& sample = each.metric.at(0);
            return each.type == prometheus::MetricType::Counter ? sample.counter.value : sample.gauge.value;
        }
    }
    ADD_FAILURE() << "no " << name;
    return -1;
}

TEST(reload_metrics, both_results_are_there_from_the_start) {
    const auto reloads = std::make_shared<reload_metrics>();
    metrics_page page;
    page.add(reloads);
    EXPECT_EQ(samples_of(page.text()).at(R"(bearward_config_reloads_total{result="failure"})"), "0");
    reloads->count(true);
    reloads->count(true);
    reloads->count(false);
    EXPECT_EQ(samples_of(page.text()).at(R"(bearward_config_reloads_total{result="success"})"), "2");
    EXPECT_EQ(samples_of(page.text()).at(R"(bearward_config_reloads_total{result="failure"})"), "1");
}

TEST(process_metrics, has_the_standard_names) {
    std::vector<std::string> names;
    for (const auto& each : process_metrics{}.Collect()) {
        names.push_back(each.name);
    }
    EXPECT_THAT(names, ElementsAre("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
                                   "process_start_time_seconds"));
}

TEST(process_metrics, tells_what_the_kernel_knows) {
    const process_metrics metrics;
    const auto before = metrics.Collect();
    const std::ifstream one("/dev/null");
    const std::ifstream two("/dev/null");
    const auto after = metrics.Collect();
    EXPECT_EQ(value_of(after, "process_open_fds"), value_of(before, "process_open_fds") + 2);
    EXPECT_GE(value_of(before, "process_max_fds"), value_of(before, "process_open_fds"));
    EXPECT_GT(value_of(before, "process_resident_memory_bytes"), 1e6);
    EXPECT_GE(value_of(after, "process_cpu_seconds_total"), value_of(before, "process_cpu_seconds_total"));
    const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    EXPECT_LE(value_of(before, "process_start_time_seconds"), now + 1);
    EXPECT_GT(value_of(before, "process_start_time_seconds"), now - 3'600);
}

} // namespace
} // namespace bearward::proxy
