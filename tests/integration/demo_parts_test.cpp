// The demo's client against its app, without a proxy between them: what the
// table's checks rest on.
#include "proxy/demo/client.hpp"
#include "proxy/demo/upstream.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::proxy::demo;
using ::testing::HasSubstr;

TEST(demo_app, shows_the_request_with_its_headers_in_order) {
    const upstream app;
    const outcome result = ask({.title = "",
                                .method = "POST",
                                .target = "/a%20b?c=d&e",
                                .headers = {{"X-B", "2"}, {"x-a", "1 \"quoted\""}},
                                .body = "12345",
                                .expect = {}},
                               app.port());
    ASSERT_EQ(result.error, "");
    EXPECT_EQ(result.status, 200U);
    const boost::json::object seen = boost::json::parse(result.body).as_object();
    EXPECT_EQ(seen.at("method"), "POST");
    EXPECT_EQ(seen.at("path"), "/a%20b");
    EXPECT_EQ(seen.at("query"), "c=d&e");
    EXPECT_EQ(seen.at("body_bytes"), 5);
    const boost::json::array& headers = seen.at("headers").as_array();
    ASSERT_GE(headers.size(), 3U);
    EXPECT_EQ(headers[1], (boost::json::array{"X-B", "2"}));
    EXPECT_EQ(headers[2], (boost::json::array{"x-a", "1 \"quoted\""}));
}

TEST(demo_app, shows_a_page_to_browsers_without_letting_markup_through) {
    const upstream app;
    const outcome result =
        ask({.title = "", .target = "/", .headers = {{"Accept", "text/html,*/*"}, {"X-A", "<script>"}}, .expect = {}}, app.port());
    EXPECT_THAT(result.body, HasSubstr("<!doctype html>"));
    EXPECT_THAT(result.body, HasSubstr("&lt;script>"));
}

TEST(demo_app, echoes_messages) {
    const upstream app;
    const outcome result = ask({.title = "", .websocket = true, .target = "/ws", .expect = {}}, app.port());
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(result.status, 101U);
    EXPECT_EQ(result.message, "hello");
    EXPECT_FALSE(result.closed.has_value());
}

TEST(demo_client, reports_that_nobody_listens) {
    std::uint16_t port = 0;
    {
        const upstream app;
        port = app.port();
    }
    EXPECT_NE(ask({.title = "", .target = "/", .expect = {}}, port).error, "");
    EXPECT_NE(ask({.title = "", .websocket = true, .target = "/", .expect = {}}, port).error, "");
}

} // namespace
