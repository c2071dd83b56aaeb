#include "proxy/telemetry/access_line.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace bearward::proxy {
namespace {

using policies::reason;
using namespace std::chrono_literals;

access_record sample() {
    access_record record;
    record.time = std::chrono::sys_days{std::chrono::year{2026} / 2 / 3} + 4h + 5min + 6s + 7ms;
    record.request_id = "r-1";
    record.client = "192.0.2.1";
    record.method = "GET";
    record.path = "/widgets?access_token=***&a=?";
    record.host = "app.example.com:8443";
    record.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    record.protocol = "HTTP/1.1";
    record.scheme = "https";
    record.status = 200;
    record.route = "widgets";
    record.user = "u-1";
    record.tenant = "t-1";
    record.duration = 1'234us;
    record.upstream = "127.0.0.1:8000";
    record.upstream_duration = 1'001us;
    record.bytes_in = 12;
    record.bytes_out = 3'456;
    return record;
}

std::string line_of(const access_record& record) {
    std::string line;
    append_access_line(line, record, {.format = config::log_format::otel});
    return line;
}

boost::json::object attributes_of(const access_record& record) {
    return boost::json::parse(line_of(record)).as_object().at("attributes").as_object();
}

TEST(access_line_otel, has_exactly_the_documented_fields) {
    EXPECT_EQ(line_of(sample()),
              R"({"timestamp":"2026-02-03T04:05:06.007Z","severity_text":"INFO","severity_number":9,)"
              R"("trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","trace_flags":"01",)"
              R"("event_name":"bearward.request","body":"GET /widgets 200 ok","attributes":{)"
              R"("http.request.method":"GET","url.scheme":"https","url.path":"/widgets","url.query":"access_token=***&a=?",)"
              R"("http.response.status_code":200,"client.address":"192.0.2.1","server.address":"app.example.com","server.port":8443,)"
              R"("network.protocol.name":"http","network.protocol.version":"1.1","http.route":"widgets","user.id":"u-1",)"
              R"("http.request.body.size":12,"http.response.size":3456,"bearward.request_id":"r-1","bearward.reason":"ok",)"
              R"("bearward.mode":"enforce","bearward.tenant":"t-1","bearward.duration_ms":1.234,"bearward.upstream":"127.0.0.1:8000",)"
              R"("bearward.upstream_ms":1.001}})");
}

TEST(access_line_otel, what_is_not_known_is_left_out) {
    access_record record;
    record.status = 408;
    record.why = reason::limit_exceeded;
    EXPECT_EQ(line_of(record),
              R"({"timestamp":"1970-01-01T00:00:00.000Z","severity_text":"INFO","severity_number":9,"event_name":"bearward.request",)"
              R"("body":"408 limit_exceeded","attributes":{"http.response.status_code":408,"http.request.body.size":0,)"
              R"("http.response.size":0,"bearward.reason":"limit_exceeded","bearward.mode":"enforce","bearward.duration_ms":0.000}})");
}

TEST(access_line_otel, a_refusal_is_no_error_and_a_failure_is_one) {
    const auto error_of = [](unsigned status, reason why) {
        auto record = sample();
        record.status = status;
        record.why = why;
        const auto shown = attributes_of(record);
        const auto* const error = shown.if_contains("error.type");
        return error == nullptr ? std::string("none") : std::string(error->as_string());
    };
    EXPECT_EQ(error_of(401, reason::token_expired), "none");
    EXPECT_EQ(error_of(404, reason::ok), "none");
    EXPECT_EQ(error_of(503, reason::keys_unavailable), "keys_unavailable");
    EXPECT_EQ(error_of(502, reason::upstream_unavailable), "upstream_unavailable");
    EXPECT_EQ(error_of(200, reason::upstream_error), "upstream_error"); // its body broke off
    EXPECT_EQ(error_of(500, reason::ok), "500");                        // the app's
}

TEST(access_line_otel, of_a_socket_says_who_closed_it_and_why) {
    auto record = sample();
    record.websocket = true;
    record.status = 101;
    record.close_code = 4408;
    record.closed_by = closer::bearward;
    record.frames_in = 2;
    record.frames_out = 3;
    record.ended = "token_expired";
    const auto shown = attributes_of(record);
    EXPECT_TRUE(shown.at("bearward.websocket").as_bool());
    EXPECT_EQ(shown.at("bearward.close_code").to_number<int>(), 4408);
    EXPECT_EQ(shown.at("bearward.closed_by"), "bearward");
    EXPECT_EQ(shown.at("bearward.frames_in").to_number<int>(), 2);
    EXPECT_EQ(shown.at("bearward.frames_out").to_number<int>(), 3);
    EXPECT_EQ(shown.at("bearward.bytes_in").to_number<int>(), 12);
    EXPECT_EQ(shown.at("bearward.bytes_out").to_number<int>(), 3456);
    EXPECT_EQ(shown.at("bearward.ended"), "token_expired");
    EXPECT_FALSE(shown.contains("http.response.size"));
}

TEST(access_line_otel, an_unknown_method_makes_no_value_of_its_own) {
    auto record = sample();
    record.method = "BREW";
    const auto shown = attributes_of(record);
    EXPECT_EQ(shown.at("http.request.method"), "_OTHER");
    EXPECT_EQ(shown.at("http.request.method_original"), "BREW");
}

TEST(access_line_otel, hosts_are_an_address_and_a_port) {
    const auto server_of = [](const std::string& host) {
        auto record = sample();
        record.host = host;
        const auto shown = attributes_of(record);
        const auto* const address = shown.if_contains("server.address");
        const auto* const port = shown.if_contains("server.port");
        return (address == nullptr ? "none" : std::string(address->as_string())) + ' ' +
               (port == nullptr ? "none" : std::to_string(port->to_number<int>()));
    };
    EXPECT_EQ(server_of("app"), "app none");
    EXPECT_EQ(server_of("[::1]:8080"), "::1 8080");
    EXPECT_EQ(server_of("[2001:db8::1]"), "2001:db8::1 none");
    EXPECT_EQ(server_of(""), "none none");
    EXPECT_EQ(server_of("app:99999"), "app none");
    EXPECT_EQ(server_of("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"), "*** none");
}

TEST(access_line_otel, an_observed_denial_shows_its_reason_and_mode) {
    auto record = sample();
    record.observed = reason::role_missing;
    record.mode = policies::rules::enforcement::observe;
    const auto shown = attributes_of(record);
    EXPECT_EQ(shown.at("bearward.reason"), "role_missing");
    EXPECT_EQ(shown.at("bearward.mode"), "observe");
}

} // namespace
} // namespace bearward::proxy
