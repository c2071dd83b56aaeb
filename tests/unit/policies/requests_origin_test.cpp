#include "policies/requests/origin.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::policies::requests {
namespace {

TEST(parse_origin, takes_what_browsers_send_and_makes_it_one_spelling) {
    EXPECT_EQ(parse_origin("https://app.example.com"), "https://app.example.com");
    EXPECT_EQ(parse_origin("HTTPS://App.Example.COM"), "https://app.example.com");
    EXPECT_EQ(parse_origin("http://localhost:3000"), "http://localhost:3000");
    EXPECT_EQ(parse_origin("https://app.example.com:443"), "https://app.example.com");
    EXPECT_EQ(parse_origin("http://app.example.com:80"), "http://app.example.com");
    EXPECT_EQ(parse_origin("http://app.example.com:443"), "http://app.example.com:443");
    EXPECT_EQ(parse_origin("http://[::1]"), "http://[::1]");
    EXPECT_EQ(parse_origin("http://[2001:DB8::1]:8080"), "http://[2001:db8::1]:8080");
    EXPECT_EQ(parse_origin("chrome-extension://abcdefgh"), "chrome-extension://abcdefgh");
    EXPECT_EQ(parse_origin("null"), "null");
}

TEST(parse_origin, refuses_what_no_origin_equals) {
    for (const char* text : {"",
                             "*",
                             "app.example.com",
                             "https:app.example.com",
                             "https://",
                             "https://app.example.com/",
                             "https://app.example.com/path",
                             "https://*.example.com",
                             "https://user@app.example.com",
                             "https://app.example.com:",
                             "https://app.example.com:0",
                             "https://app.example.com:65536",
                             "https://app.example.com:08",
                             "https://app.example.com:80a",
                             "://app.example.com",
                             "1http://app",
                             "https://a b",
                             "https://a, https://b",
                             "https://b\xC3\xBC"
                             "cher.example",
                             "http://[::1",
                             "http://::1",
                             "http://[::1]x",
                             "https://a?b",
                             "https://a#b"}) {
        const auto parsed = parse_origin(text);
        EXPECT_FALSE(parsed.has_value()) << text << " became " << parsed.value_or("");
    }
}

bool accepted(const std::vector<std::string>& origins, const std::vector<header>& headers) {
    request_view request;
    request.headers = headers;
    return has_origin(request, origins);
}

TEST(has_origin, compares_the_whole_origin_without_case) {
    const std::vector<std::string> origins{"https://app.example.com", "http://localhost:3000"};
    EXPECT_TRUE(accepted(origins, {{"Origin", "https://app.example.com"}}));
    EXPECT_TRUE(accepted(origins, {{"Host", "x"}, {"oRIGIN", "HTTPS://APP.example.com"}}));
    EXPECT_TRUE(accepted(origins, {{"Origin", "http://localhost:3000"}}));
    for (const char* other : {"", "null", "http://app.example.com", "https://app.example.com:8443", "https://app.example.com.evil.example",
                              "https://evil-app.example.com", "https://app.example.com/", "https://app.example.com https://evil.example",
                              "localhost:3000", "http://localhost", "https://app.example.co"}) {
        EXPECT_FALSE(accepted(origins, {{"Origin", other}})) << other;
    }
}

TEST(has_origin, a_missing_or_repeated_one_is_refused) {
    const std::vector<std::string> origins{"https://app.example.com"};
    EXPECT_FALSE(accepted(origins, {}));
    EXPECT_FALSE(accepted(origins, {{"Referer", "https://app.example.com"}, {"Sec-Origin", "https://app.example.com"}}));
    EXPECT_FALSE(accepted(origins, {{"Origin", "https://app.example.com"}, {"Origin", "https://app.example.com"}}));
    EXPECT_FALSE(accepted(origins, {{"Origin", "https://app.example.com"}, {"origin", "https://evil.example"}}));
}

TEST(has_origin, null_is_accepted_only_where_it_is_listed) {
    EXPECT_TRUE(accepted({"null"}, {{"Origin", "null"}}));
    EXPECT_FALSE(accepted({"null"}, {}));
    EXPECT_FALSE(accepted({"https://app.example.com"}, {{"Origin", "null"}}));
}

} // namespace
} // namespace bearward::policies::requests
