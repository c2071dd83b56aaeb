#include "proxy/demo/line_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::proxy::demo;
using ::testing::HasSubstr;

line http_line(expectation expect) {
    return {.title = "", .target = "/", .expect = std::move(expect)};
}

line websocket_line(expectation expect) {
    return {.title = "", .websocket = true, .target = "/", .expect = std::move(expect)};
}

outcome answer(unsigned status, std::string body) {
    return {.error = {}, .status = status, .body = std::move(body), .subprotocol = {}, .message = {}, .closed = {}};
}

outcome app_answer(const std::string& headers) {
    return answer(200, "{\"headers\": [" + headers + "]}");
}

TEST(check_outcome, takes_a_refusal_with_its_status_and_detail) {
    const line what = http_line({.status = 401, .detail = "Not authenticated"});
    EXPECT_EQ(check_outcome(what, answer(401, R"({"detail": "Not authenticated"})")), "");
    EXPECT_THAT(check_outcome(what, answer(403, R"({"detail": "Not authenticated"})")), HasSubstr("status"));
    EXPECT_THAT(check_outcome(what, answer(401, R"({"detail": "Token has expired"})")), HasSubstr("detail"));
    EXPECT_THAT(check_outcome(what, answer(401, "Not authenticated")), HasSubstr("detail"));
    EXPECT_THAT(check_outcome(what, answer(401, "")), HasSubstr("detail"));
}

TEST(check_outcome, reports_a_failed_exchange) {
    outcome failed = answer(200, "{}");
    failed.error = "Connection refused";
    EXPECT_EQ(check_outcome(http_line({.status = 200}), failed), "Connection refused");
}

TEST(check_outcome, wants_what_the_app_sees_exactly_once) {
    const line what = http_line({.status = 200, .app_sees = {{"X-User-Id", "ada"}}});
    EXPECT_EQ(check_outcome(what, app_answer(R"(["Host", "a"], ["x-user-id", "ada"])")), "");
    EXPECT_THAT(check_outcome(what, app_answer(R"(["X-User-Id", "root"])")), HasSubstr("root"));
    EXPECT_THAT(check_outcome(what, app_answer("")), HasSubstr("0 times"));
    EXPECT_THAT(check_outcome(what, app_answer(R"(["X-User-Id", "ada"], ["X_User_Id", "root"])")), HasSubstr("2 times"));
}

TEST(check_outcome, finds_what_the_app_must_not_see_in_any_spelling) {
    const line what = http_line({.status = 200, .app_does_not_see = {"X-User-Id"}});
    EXPECT_EQ(check_outcome(what, app_answer(R"(["Host", "a"])")), "");
    EXPECT_THAT(check_outcome(what, app_answer(R"(["x_user-ID", "root"])")), HasSubstr("saw X-User-Id"));
}

TEST(check_outcome, an_answer_that_is_not_the_apps_proves_nothing) {
    const line what = http_line({.status = 200, .app_does_not_see = {"X-User-Id"}});
    for (const char* body : {"", "{}", "[]", "<html>", "{\"headers\""}) {
        EXPECT_NE(check_outcome(what, answer(200, body)), "") << body;
    }
}

TEST(check_outcome, wants_the_echo_and_the_subprotocol) {
    const line what = websocket_line({.status = 101, .subprotocol = "bearer", .echo = "hello"});
    outcome result = answer(101, "");
    result.subprotocol = "bearer";
    result.message = "hello";
    EXPECT_EQ(check_outcome(what, result), "");
    result.message = "hell";
    EXPECT_THAT(check_outcome(what, result), HasSubstr("message"));
    result.message = "hello";
    result.subprotocol = "";
    EXPECT_THAT(check_outcome(what, result), HasSubstr("subprotocol"));
}

TEST(check_outcome, wants_the_close_with_code_and_reason) {
    const line what = websocket_line({.status = 101, .closed = close_notice{1008, "Not authenticated"}});
    outcome result = answer(101, "");
    EXPECT_THAT(check_outcome(what, result), HasSubstr("Close"));
    result.closed = close_notice{1008, "Not authenticated"};
    EXPECT_EQ(check_outcome(what, result), "");
    result.closed->code = 1000;
    EXPECT_THAT(check_outcome(what, result), HasSubstr("1000"));
    result.closed = close_notice{1008, "Token has expired"};
    EXPECT_THAT(check_outcome(what, result), HasSubstr("expired"));
    result.closed = close_notice{1008, "Not authenticated"};
    result.message = "hello";
    EXPECT_THAT(check_outcome(what, result), HasSubstr("message")) << "nothing may come back before the Close";
}

} // namespace
