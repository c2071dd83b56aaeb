#include "proxy/telemetry/access_line.hpp"

#include "proxy/telemetry/log_line.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
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
    record.path = "/tenants/t-1/widgets?access_token=***";
    record.protocol = "HTTP/1.1";
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

constexpr std::array every_format{config::log_format::json, config::log_format::text, config::log_format::otel};

std::string line_of(const access_record& record, const access_line_style& style = {}) {
    std::string line;
    append_access_line(line, record, style);
    return line;
}

TEST(access_line, json_has_exactly_the_documented_fields) {
    EXPECT_EQ(
        line_of(sample()),
        R"({"time":"2026-02-03T04:05:06.007Z","request_id":"r-1","client":"192.0.2.1","method":"GET",)"
        R"("path":"/tenants/t-1/widgets?access_token=***","protocol":"HTTP/1.1","status":200,"reason":"ok","mode":"enforce","route":"widgets",)"
        R"("user":"u-1","tenant":"t-1","duration_ms":1.234,"upstream":"127.0.0.1:8000","upstream_ms":1.001,)"
        R"("bytes_in":12,"bytes_out":3456,"websocket":false})");
}

TEST(access_line, what_is_not_known_is_null) {
    const auto json = boost::json::parse(line_of(access_record{})).as_object();
    for (const auto* field : {"request_id", "client", "method", "path", "protocol", "route", "user", "tenant", "upstream", "upstream_ms"}) {
        EXPECT_TRUE(json.at(field).is_null()) << field;
    }
    EXPECT_EQ(json.size(), 18U);
}

TEST(access_line, what_looks_like_a_token_stands_in_no_field_of_any_format) {
    const std::string token = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl";
    const auto hides = [&](std::string access_record::* field) {
        for (const auto format : every_format) {
            for (const std::string& spelt : {token, std::string("eyJhbGciOiJIUzI1NiJ9%2Ee30%2ec2lnbmF0dXJl")}) {
                auto record = sample();
                record.*field = "/before/" + spelt + "/after";
                const auto line = line_of(record, {.format = format});
                EXPECT_THAT(line, testing::HasSubstr("/before/***/after"));
                EXPECT_THAT(line, testing::Not(testing::HasSubstr("c2lnbmF0dXJl")));
            }
        }
    };
    for (const auto field : {&access_record::request_id, &access_record::client, &access_record::method, &access_record::path,
                             &access_record::cause, &access_record::user, &access_record::tenant}) {
        hides(field);
    }
}

TEST(access_line, of_a_socket_says_who_closed_it_and_why) {
    auto record = sample();
    record.websocket = true;
    record.close_code = 4408;
    record.closed_by = closer::bearward;
    record.frames_in = 2;
    record.frames_out = 3;
    record.ended = "token_expired";
    EXPECT_THAT(line_of(record),
                testing::HasSubstr(
                    R"("websocket":true,"close_code":4408,"closed_by":"bearward","frames_in":2,"frames_out":3,"ended":"token_expired"})"));
    EXPECT_THAT(line_of(record, {.format = config::log_format::text}),
                testing::HasSubstr(" websocket close_code=4408 closed_by=bearward frames_in=2 frames_out=3 ended=token_expired"));
}

TEST(access_line, an_observed_denial_shows_its_reason_and_mode) {
    auto record = sample();
    record.observed = reason::role_missing;
    record.mode = policies::rules::enforcement::observe;
    const auto json = boost::json::parse(line_of(record)).as_object();
    EXPECT_EQ(json.at("reason").as_string(), "role_missing");
    EXPECT_EQ(json.at("mode").as_string(), "observe");
    EXPECT_EQ(json.at("status").as_int64(), 200);
}

TEST(access_line, without_identity_neither_user_nor_tenant_is_there) {
    for (const auto format : every_format) {
        auto record = sample();
        record.path = "/";
        const auto line = line_of(record, {.format = format, .identity = false});
        EXPECT_THAT(line, testing::Not(testing::HasSubstr("user")));
        EXPECT_THAT(line, testing::Not(testing::HasSubstr("u-1")));
        EXPECT_THAT(line, testing::Not(testing::HasSubstr("t-1")));
    }
}

TEST(access_line, text_is_one_readable_line) {
    auto record = sample();
    record.websocket = true;
    EXPECT_EQ(line_of(record, {.format = config::log_format::text}),
              "2026-02-03T04:05:06.007Z 192.0.2.1 GET /tenants/t-1/widgets?access_token=*** 200 ok protocol=HTTP/1.1 mode=enforce "
              "route=widgets user=u-1 "
              "tenant=t-1 "
              "duration_ms=1.234 upstream=127.0.0.1:8000 upstream_ms=1.001 bytes_in=12 bytes_out=3456 websocket request_id=r-1");
}

TEST(access_line, hostile_text_forges_no_line_and_no_escape_sequence) {
    auto record = sample();
    record.user = "eve\r\n{\"status\":200}\x1b[2J\x7f\xc2\x9b";
    record.path = std::string("/\0\xff", 3) + "\xed\xa0\x80";
    for (const auto format : every_format) {
        const auto line = line_of(record, {.format = format});
        for (const char c : line) {
            EXPECT_FALSE((c >= 0 && c < 0x20) || c == 0x7F);
        }
        EXPECT_THAT(line, testing::Not(testing::HasSubstr("\xff")));
        EXPECT_THAT(line, testing::Not(testing::HasSubstr("\xc2\x9b")));
    }
    const auto json = boost::json::parse(line_of(record)).as_object();
    EXPECT_EQ(json.at("user").as_string(), "eve\r\n{\"status\":200}\x1b[2J\x7f\xc2\x9b");
    EXPECT_EQ(json.at("path").as_string(), std::string("/\0\xef\xbf\xbd", 5) + "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(log_line, json_strings_keep_well_formed_utf8) {
    std::string out;
    append_json_string(out, "a\"\\ \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xbb");
    EXPECT_EQ(out, "\"a\\\"\\\\ \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xbb\"");
}

TEST(log_line, ill_formed_utf8_is_replaced_and_nothing_after_it_swallowed) {
    for (const std::string bad : {"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xc3", "\xe2\x82", "\x80", "\xf8"}) {
        std::string out;
        append_json_string(out, bad + "\"x");
        EXPECT_THAT(out, testing::HasSubstr("\\ufffd"));
        EXPECT_TRUE(out.ends_with("\\\"x\"")) << out;
        boost::system::error_code error;
        boost::json::parse(out, error);
        EXPECT_FALSE(error) << out;
    }
}

TEST(log_line, times_before_1970_and_leap_days_are_right) {
    const auto time_of = [](std::chrono::system_clock::time_point time) {
        std::string out;
        append_time(out, time);
        return out;
    };
    EXPECT_EQ(time_of({}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(time_of(std::chrono::system_clock::time_point{-1ms}), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(time_of(std::chrono::sys_days{std::chrono::year{2028} / 2 / 29} + 23h + 59min + 59s + 999ms), "2028-02-29T23:59:59.999Z");
}

} // namespace
} // namespace bearward::proxy
