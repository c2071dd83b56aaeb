// Bodies of our own answers, and who gets a page.
#include "proxy/http/reply_body.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace bearward::proxy::http {
namespace {

using policies::reason;

constexpr reply_content refused{.status = 401, .phrase = "Unauthorized", .detail = "Not authenticated", .why = reason::token_missing};

std::string body_of(reply_format format, bool exposes_reason = false) {
    std::string body = "of the last answer";
    make_reply_body(format, refused, exposes_reason, body);
    return body;
}

TEST(reply_body_test, each_format_says_the_same) {
    EXPECT_EQ(body_of(reply_format::detail), R"({"detail":"Not authenticated"})");
    EXPECT_EQ(body_of(reply_format::detail, true), R"({"detail":"Not authenticated","reason":"token_missing"})");
    EXPECT_EQ(body_of(reply_format::problem), R"({"type":"about:blank","title":"Unauthorized","status":401,"detail":"Not authenticated"})");
    EXPECT_EQ(body_of(reply_format::text, true), "Not authenticated");
    const std::string page = body_of(reply_format::page, true);
    EXPECT_TRUE(page.starts_with("<!doctype html>")) << page;
    EXPECT_NE(page.find("<h1>401 Unauthorized</h1>\n<p>Not authenticated</p>"), std::string::npos) << page;
    EXPECT_EQ(content_type(reply_format::page), "text/html; charset=utf-8");
}

bool navigates(std::string_view accept) {
    request_head head;
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(accept.empty() ? "" : "Accept: ") + std::string(accept) +
                             (accept.empty() ? "" : "\r\n") + "\r\n";
    EXPECT_EQ(parse_request_head(text, {}, head).state, head_state::complete);
    return is_navigation(head);
}

TEST(reply_body_test, a_navigation_wants_html_before_any_json) {
    EXPECT_TRUE(navigates("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
    EXPECT_TRUE(navigates("TEXT/HTML ;q=0.1, application/json"));
    EXPECT_FALSE(navigates("application/json, text/html"));
    EXPECT_FALSE(navigates("application/ld+json;q=0.1, text/html"));
    EXPECT_FALSE(navigates("*/*"));
    EXPECT_FALSE(navigates("text/htmlx"));
    EXPECT_FALSE(navigates(""));
    EXPECT_TRUE(navigates("image/png\r\nAccept: text/html")) << "over all its lines";
}

} // namespace
} // namespace bearward::proxy::http
