// Spans as OTLP over HTTP in JSON: form, names of attributes, bounds, and that no token is in them.
#include "proxy/telemetry/span_json.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>

namespace bearward::proxy {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const std::string token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJl";

struct example {
    request_span span;
    access_record record;

    example() {
        span.chosen = true;
        span.trace.own = *http::parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        span.authority = "app.example:8443";
        span.secure = true;
        record.request_id = "r-1";
        record.client = "192.0.2.7";
        record.method = "GET";
        record.path = "/things/7?page=2&access_token=***";
        record.status = 200;
        record.route = "things";
        record.user = "u-1";
        record.tenant = "t-1";
        record.cause = "nothing";
        record.protocol = "HTTP/1.1";
    }

    [[nodiscard]] std::string text() const {
        span_record made;
        fill_span(span, record, span_record::time{1'700'000'000'123'456'789ns}, span_record::time{1'700'000'001'000'000'001ns}, made);
        std::string out;
        begin_spans(out, "shop \"eu\"");
        append_span(out, made);
        end_spans(out);
        return out;
    }
    [[nodiscard]] json::object shown() const {
        const json::value all = json::parse(text());
        return all.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0).as_object();
    }
    /// As text, whatever its type; empty: none.
    [[nodiscard]] std::string attribute(std::string_view key) const {
        const json::object span_shown = shown();
        for (const json::value& each : span_shown.at("attributes").as_array()) {
            if (each.at("key").as_string() == key) {
                return std::string(each.at("value").as_object().begin()->value().as_string());
            }
        }
        return {};
    }
};

TEST(span_json, has_exactly_this_form) {
    EXPECT_EQ(
        example().text(),
        R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop \"eu\""}}]},)"
        R"("scopeSpans":[{"scope":{"name":"bearward","version":")" BEARWARD_VERSION R"("},"spans":[)"
        R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","flags":257,"name":"GET things","kind":2,)"
        R"("startTimeUnixNano":"1700000000123456789","endTimeUnixNano":"1700000001000000001","attributes":[)"
        R"({"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"url.scheme","value":{"stringValue":"https"}},)"
        R"({"key":"url.path","value":{"stringValue":"/things/7"}},)"
        R"({"key":"url.query","value":{"stringValue":"page=2&access_token=***"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"200"}},{"key":"http.route","value":{"stringValue":"things"}},)"
        R"({"key":"client.address","value":{"stringValue":"192.0.2.7"}},{"key":"server.address","value":{"stringValue":"app.example"}},)"
        R"({"key":"server.port","value":{"intValue":"8443"}},{"key":"network.protocol.version","value":{"stringValue":"1.1"}},)"
        R"({"key":"bearward.reason","value":{"stringValue":"ok"}},{"key":"bearward.route","value":{"stringValue":"things"}},)"
        R"({"key":"bearward.mode","value":{"stringValue":"enforce"}},{"key":"bearward.request_id","value":{"stringValue":"r-1"}}]}]}]}]})");
}

TEST(span_json, several_are_separated_by_commas) {
    span_record made;
    fill_span(example().span, example().record, {}, {}, made);
    std::string out;
    begin_spans(out, "x");
    append_span(out, made);
    out += ',';
    append_span(out, made);
    end_spans(out);
    EXPECT_EQ(json::parse(out).at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").as_array().size(), 2U);
}

TEST(span_json, names_its_parent_where_it_has_one) {
    example of;
    EXPECT_FALSE(of.shown().contains("parentSpanId"));
    of.span.trace.continued = true;
    of.span.trace.parent = {1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(of.shown().at("parentSpanId").as_string(), "0102030405060708");
    EXPECT_EQ(of.shown().at("flags").to_number<unsigned>(), 0x301U);
}

TEST(span_json, is_an_error_from_500_on) {
    example of;
    for (const unsigned status : {200U, 101U, 401U, 403U, 404U, 499U}) {
        of.record.status = status;
        EXPECT_FALSE(of.shown().contains("status")) << status;
        EXPECT_EQ(of.attribute("error.type"), "") << status;
    }
    for (const unsigned status : {500U, 502U, 503U, 999U}) {
        of.record.status = status;
        EXPECT_EQ(of.shown().at("status").at("code").to_number<int>(), 2) << status;
        EXPECT_EQ(of.attribute("error.type"), std::to_string(status));
    }
}

TEST(span_json, says_what_was_decided) {
    example of;
    of.record.why = policies::reason::role_missing;
    EXPECT_EQ(of.attribute("bearward.reason"), "role_missing");
    of.record.why = policies::reason::ok;
    of.record.observed = policies::reason::token_expired;
    of.record.mode = policies::rules::enforcement::observe_all;
    EXPECT_EQ(of.attribute("bearward.reason"), "token_expired");
    EXPECT_EQ(of.attribute("bearward.mode"), "observe_all");
    of.record.close_code = 1008;
    of.record.ended = "token_expired";
    EXPECT_EQ(of.attribute("bearward.close_code"), "1008");
    EXPECT_EQ(of.attribute("bearward.ended"), "token_expired");
}

TEST(span_json, a_method_that_is_not_known_is_no_name) {
    example of;
    of.record.method = "BREW";
    EXPECT_EQ(of.shown().at("name").as_string(), "HTTP things");
    EXPECT_EQ(of.attribute("http.request.method"), "_OTHER");
    EXPECT_EQ(of.attribute("http.request.method_original"), "BREW");
    of.record.route.clear();
    of.record.method = "GET";
    EXPECT_EQ(of.shown().at("name").as_string(), "GET");
    EXPECT_EQ(of.attribute("http.route"), "");
}

TEST(span_json, leaves_out_what_is_not_known) {
    example of;
    of.record = {};
    of.record.status = 400;
    of.record.why = policies::reason::bad_request;
    of.span.authority.clear();
    EXPECT_EQ(of.shown().at("name").as_string(), "HTTP");
    for (const char* const key : {"http.request.method_original", "url.path", "url.query", "http.route", "client.address", "server.address",
                                  "server.port", "network.protocol.version", "bearward.route"}) {
        EXPECT_EQ(of.attribute(key), "") << key;
    }
}

TEST(span_json, tells_a_host_from_its_port) {
    struct row {
        const char* authority;
        const char* host;
        const char* port;
    };
    for (const row& each : {row{"a.example", "a.example", ""}, row{"a.example:80", "a.example", "80"}, row{"[::1]", "::1", ""},
                            row{"[::1]:8080", "::1", "8080"}, row{"", "", ""}, row{"[", "", ""}, row{"a:", "a", ""}}) {
        example of;
        of.span.authority = each.authority;
        EXPECT_EQ(of.attribute("server.address"), each.host) << each.authority;
        EXPECT_EQ(of.attribute("server.port"), each.port) << each.authority;
    }
}

TEST(span_json, knows_neither_user_nor_tenant_nor_cause) {
    const std::string text = example().text();
    for (const char* const secret : {"u-1", "t-1", "nothing"}) {
        EXPECT_EQ(text.find(secret), std::string::npos) << secret;
    }
}

TEST(span_json, has_no_token_wherever_it_stands) {
    for (const auto member : {&access_record::request_id, &access_record::client, &access_record::method, &access_record::path}) {
        example of;
        of.record.*member = "/x/" + token;
        EXPECT_EQ(of.text().find("c2lnbmF0dXJl"), std::string::npos);
        EXPECT_NE(of.text().find("***"), std::string::npos);
    }
    example of;
    of.span.authority = token;
    EXPECT_EQ(of.text().find("c2lnbmF0dXJl"), std::string::npos);
    of = {};
    of.record.path = "/x?y=" + token;
    EXPECT_EQ(of.text().find("c2lnbmF0dXJl"), std::string::npos);
}

TEST(span_json, a_token_is_hidden_before_a_text_is_cut) {
    example of;
    of.record.path = "/" + std::string(span_record::longest_target - 40, 'a') + "/" + token;
    EXPECT_EQ(of.text().find("eyJhbGci"), std::string::npos);
}

TEST(span_json, is_bounded_whatever_a_client_sends) {
    example of;
    const std::string long_text(100'000, 'a');
    of.record.method = of.record.client = of.record.request_id = of.record.route = of.span.authority = long_text;
    of.record.path = "/" + long_text + "?" + long_text;
    EXPECT_LT(of.text().size(), 6'000U);
}

TEST(span_json, hostile_text_stays_text) {
    example of;
    of.record.path = std::string("/\"}]}\\\n\x01\xFF\xC2\x9B", 11);
    EXPECT_NO_THROW((void)of.shown());
    EXPECT_EQ(of.attribute("url.path"), "/\"}]}\\\n\x01\xEF\xBF\xBD\xC2\x9B");
}

} // namespace
} // namespace bearward::proxy
