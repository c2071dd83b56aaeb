// Bearward's own answers on the wire (proxy/BEHAVIOUR.md 8).
#include "proxy/http/local_reply.hpp"
#include "proxy/http/write_head.hpp"

#include "policies/reason_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace bearward::proxy::http {
namespace {

using policies::reason;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string answer(const local_reply& reply, const reply_style& style = {}) {
    outgoing_response made;
    std::string body = "of the last answer";
    make_local_reply(reply, style, made, body);
    std::string out;
    write_head(made, out);
    out += body;
    response_head head;
    EXPECT_EQ(parse_response_head(out, {}, reply.head_request ? "HEAD" : "GET", head).state, head_state::complete) << out;
    if (!reply.head_request) {
        EXPECT_EQ(out.size() - head.size, head.content_length) << out;
    } else {
        EXPECT_EQ(out.size(), head.size) << out;
    }
    return out;
}

TEST(http_local_reply, a_missing_token_is_answered_as_fastapi_does) {
    EXPECT_EQ(answer({.why = reason::token_missing, .request_id = "r-1"}), "HTTP/1.1 401 Unauthorized\r\n"
                                                                           "Content-Type: application/json\r\n"
                                                                           "Content-Length: 30\r\n"
                                                                           "Cache-Control: no-store\r\n"
                                                                           "WWW-Authenticate: Bearer realm=\"bearward\"\r\n"
                                                                           "X-Request-Id: r-1\r\n"
                                                                           "\r\n"
                                                                           "{\"detail\":\"Not authenticated\"}");
}

TEST(http_local_reply, every_reason_of_a_refusal_makes_a_well_formed_answer) {
    for (const policies::reason_row& each : policies::reason_table) {
        if (each.about != policies::reason_class::forwarded) {
            EXPECT_THAT(answer({.why = each.value}), AllOf(StartsWith("HTTP/1.1 "), HasSubstr("{\"detail\":\""))) << each.word;
        }
    }
}

TEST(http_local_reply, head_has_the_length_of_get_and_no_body) {
    const auto out = answer({.why = reason::token_missing, .head_request = true});
    EXPECT_THAT(out, AllOf(HasSubstr("Content-Length: 30\r\n"), EndsWith("\r\n\r\n")));
}

TEST(http_local_reply, a_document_may_be_read_by_every_page_and_kept_for_an_hour) {
    const cors_answer none;
    const std::string out = "HTTP/1.1 200 OK\r\n"
                            "Content-Type: application/json\r\n"
                            "Content-Length: 8\r\n"
                            "Cache-Control: max-age=3600\r\n"
                            "Access-Control-Allow-Origin: *\r\n"
                            "X-Request-Id: r-1\r\n"
                            "\r\n";
    EXPECT_EQ(answer({.why = reason::public_route, .request_id = "r-1", .cors = &none, .json = R"({"a":1} )", .published = true}),
              out + R"({"a":1} )");
    EXPECT_EQ(answer({.why = reason::public_route, .request_id = "r-1", .head_request = true, .json = R"({"a":1} )", .published = true}),
              out);
}

TEST(http_local_reply, the_reason_is_shown_only_when_exposed) {
    EXPECT_THAT(answer({.why = reason::tenant_mismatch}), Not(HasSubstr("tenant_mismatch")));
    EXPECT_THAT(answer({.why = reason::tenant_mismatch}, {.expose_reason = true}),
                EndsWith("{\"detail\":\"Not enough permissions\",\"reason\":\"tenant_mismatch\"}"));
}

TEST(http_local_reply, a_given_status_brings_its_phrase) {
    for (const auto& [status, line] : {std::pair{408U, "408 Request Timeout"}, std::pair{413U, "413 Content Too Large"},
                                       std::pair{414U, "414 URI Too Long"}, std::pair{431U, "431 Request Header Fields Too Large"}}) {
        const auto out = answer({.why = reason::limit_exceeded, .status = status});
        EXPECT_THAT(out, StartsWith(std::string("HTTP/1.1 ") + line + "\r\n"));
        EXPECT_THAT(out, EndsWith("{\"detail\":\"" + std::string(status_phrase(status)) + "\"}"));
    }
    EXPECT_THAT(answer({.why = reason::bad_request, .status = 505}), StartsWith("HTTP/1.1 505 HTTP Version Not Supported\r\n"));
}

TEST(http_local_reply, particulars_are_written_when_given) {
    const std::array<std::string, 2> allow{"GET", "POST"};
    EXPECT_THAT(answer({.why = reason::method_not_allowed, .allow = allow}),
                AllOf(HasSubstr("405 Method Not Allowed"), HasSubstr("\r\nAllow: GET, POST\r\n")));
    EXPECT_THAT(answer({.why = reason::rate_limited, .retry_after = 7}), AllOf(HasSubstr(" 429 "), HasSubstr("\r\nRetry-After: 7\r\n")));
    EXPECT_THAT(answer({.why = reason::keys_unavailable, .retry_after = 1}), AllOf(HasSubstr(" 503 "), Not(HasSubstr("WWW-Authenticate"))));
    EXPECT_THAT(answer({.why = reason::scope_missing, .needs = {.scope = "read write"}}),
                HasSubstr("WWW-Authenticate: Bearer realm=\"bearward\", error=\"insufficient_scope\", scope=\"read write\"\r\n"));
    const std::array<header, 1> extra{{{"Sec-WebSocket-Version", "13"}}};
    EXPECT_THAT(answer({.why = reason::bad_request, .status = 426, .extra = extra}),
                AllOf(HasSubstr("426 Upgrade Required"), HasSubstr("\r\nSec-WebSocket-Version: 13\r\n")));
    EXPECT_THAT(answer({}), Not(HasSubstr("Connection")));
    EXPECT_THAT(answer({.date = "Sun, 06 Nov 1994 08:49:37 GMT"}), HasSubstr("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
}

TEST(http_local_reply, what_becomes_of_the_connection_is_said_before_the_request_id) {
    outgoing_response made;
    std::string body;
    make_local_reply({.request_id = "r-1", .date = "ours"}, {}, made, body);
    made.choose_connection(connection_use::closes);
    std::string out;
    write_head(made, out);
    EXPECT_THAT(out, EndsWith("\r\nDate: ours\r\nConnection: close\r\nX-Request-Id: r-1\r\n\r\n"));
}

TEST(http_local_reply, dates_are_imf_fixdates) {
    using namespace std::chrono_literals;
    EXPECT_EQ(make_http_date(std::chrono::sys_seconds{784111777s}), "Sun, 06 Nov 1994 08:49:37 GMT"); // RFC 9110 section 5.6.7
    EXPECT_EQ(make_http_date(std::chrono::sys_seconds{0s}), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(make_http_date(std::chrono::sys_seconds{1709251199s}), "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST(http_local_reply, a_problem_has_the_members_of_rfc_9457) {
    reply_style style{.format = reply_format::problem};
    const auto out = answer({.why = reason::token_missing}, style);
    EXPECT_THAT(out, AllOf(HasSubstr("\r\nContent-Type: application/problem+json\r\n"), HasSubstr("\r\nWWW-Authenticate: Bearer ")));
    EXPECT_THAT(out, EndsWith(R"({"type":"about:blank","title":"Unauthorized","status":401,"detail":"Not authenticated"})"));
    style.expose_reason = true;
    EXPECT_THAT(answer({.why = reason::limit_exceeded, .status = 414}, style),
                EndsWith(R"("title":"URI Too Long","status":414,"detail":"URI Too Long","reason":"limit_exceeded"})"));
}

TEST(http_local_reply, text_is_the_detail_alone) {
    const auto out = answer({.why = reason::role_missing}, {.format = reply_format::text, .expose_reason = true});
    EXPECT_THAT(out, HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    EXPECT_THAT(out, EndsWith("\r\n\r\nNot enough permissions"));
}

} // namespace
} // namespace bearward::proxy::http
