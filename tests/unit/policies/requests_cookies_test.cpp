// Tokens in cookies: which pair it is, what is left of the field, and who may use it.
#include "policies/requests/client_scheme.hpp"
#include "policies/requests/cookies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::policies::requests {
namespace {

TEST(find_cookie, compares_the_name_byte_for_byte_and_takes_the_value_as_it_stands) {
    const auto value_of = [](std::string_view field) {
        const std::vector<header> fields{{"Host", "a"}, {"cOOKIE", field}};
        const auto found = find_cookie(fields, "session");
        return found.count == 0 ? std::string("none") : std::to_string(found.count) + " " + std::string(found.value);
    };
    EXPECT_EQ(value_of("session=a.b.c"), "1 a.b.c");
    EXPECT_EQ(value_of("a=b; session=a.b.c; c=d"), "1 a.b.c");
    EXPECT_EQ(value_of("a=b;session=x;c=d"), "1 x");
    EXPECT_EQ(value_of("session=a=b=="), "1 a=b==");
    EXPECT_EQ(value_of("session=\"q\""), "1 \"q\"");
    EXPECT_EQ(value_of("session=%41"), "1 %41");
    EXPECT_EQ(value_of("session="), "1 ");
    EXPECT_EQ(value_of("session=a; session=a"), "2 a");
    EXPECT_EQ(value_of("session=a;session=b;session=c"), "3 a");
    for (const std::string_view none : {"", ";", "; ;", "Session=a", "session", "xsession=a", "sessionx=a", "se%73sion=a", "session =a",
                                        "\"session\"=a", "a=session=b", "a=b,session=c", "$session=a"}) {
        EXPECT_EQ(value_of(none), "none") << none;
    }
}

TEST(find_cookie, reads_several_fields_as_one_list) {
    const std::vector<header> fields{{"Cookie", "a=b"}, {"Cookie", "session=x"}, {"Cookie2", "session=y"}, {"X-Cookie", "session=z"}};
    EXPECT_EQ(find_cookie(fields, "session").count, 1U);
    const std::vector<header> twice{{"Cookie", "session=x"}, {"cookie", "session=x"}};
    EXPECT_EQ(find_cookie(twice, "session").count, 2U);
}

std::string without_session(std::string_view field) {
    return remove_cookies(field, [](std::string_view name) { return name == "session"; }).value_or("untouched");
}

TEST(remove_cookies, takes_the_pair_with_one_separator_and_leaves_the_rest_byte_for_byte) {
    const std::vector<std::pair<std::string_view, std::string_view>> cases{
        {"session=t", ""},
        {"session=t;", ""},
        {" session=t ", ""},
        {"session=t; a=b", "a=b"},
        {"a=b; session=t", "a=b"},
        {"a=b; session=t; c=d", "a=b; c=d"},
        {"a=b;session=t;c=d", "a=b;c=d"},
        {"a=b;  session=t;  c=\"d e\"", "a=b;  c=\"d e\""},
        {"session=t;c=d", "c=d"},
        {"session=1; session=2; a=b", "a=b"},
        {"session=1; a=b; session=2", "a=b"},
        {"a=b; session=t;", "a=b"},
        {"session=t; a=b;", "a=b;"},
        {"session=t; ;", ""},
        {"session=; a", "a"},
        {"a=b", "untouched"},
        {"", "untouched"},
        {"a=b;;c", "untouched"},
        {"Session=t; session", "untouched"},
        {"a=session=t", "untouched"},
    };
    for (const auto& [field, left] : cases) {
        EXPECT_EQ(without_session(field), left) << field;
    }
}

struct asking {
    std::string_view method = "POST";
    bool websocket = false;
    bool secure = true;
    bool trusted = false;
    std::string_view authority = "api.test";
    std::vector<header> headers;

    [[nodiscard]] bool allowed() const {
        request_view request;
        request.method = method;
        request.websocket = websocket;
        request.secure = secure;
        request.trusted_peer = trusted;
        request.authority = authority;
        request.headers = headers;
        const std::vector<std::string> others{"https://app.test"};
        return may_use_cookie(request, others);
    }
    [[nodiscard]] static asking from(std::string_view origin) {
        asking made;
        made.headers = {{"Origin", origin}};
        return made;
    }
};

TEST(may_use_cookie, reading_methods_may_from_anywhere) {
    for (const std::string_view method : {"GET", "HEAD", "OPTIONS"}) {
        auto one = asking::from("https://evil.test");
        one.method = method;
        EXPECT_TRUE(one.allowed()) << method;
        one.headers = {};
        EXPECT_TRUE(one.allowed()) << method;
        one.websocket = true;
        EXPECT_FALSE(one.allowed()) << method;
    }
    for (const std::string_view method : {"POST", "PUT", "DELETE", "PATCH", "PROPFIND", "GETX", "TRACE", ""}) {
        auto one = asking::from("https://evil.test");
        one.method = method;
        EXPECT_FALSE(one.allowed()) << method;
    }
}

TEST(may_use_cookie, others_come_from_their_own_origin_or_a_listed_one) {
    EXPECT_TRUE(asking::from("https://api.test").allowed());
    EXPECT_TRUE(asking::from("https://app.test").allowed());
    for (const std::string_view origin :
         {"", "null", "http://api.test", "https://api.test:8443", "https://api.test:443", "https://api.test/", "https://api.test.evil.test",
          "https://evil.test", "https://xapi.test", "api.test", "https:/api.test", "HTTPS://api.test",
          "https://app.test, https://evil.test", "https://app.test:443", "wss://api.test"}) {
        EXPECT_FALSE(asking::from(origin).allowed()) << origin;
    }
    auto twice = asking::from("https://api.test");
    twice.headers.push_back({"origin", "https://api.test"});
    EXPECT_FALSE(twice.allowed());
    auto nameless = asking::from("https://");
    nameless.authority = {};
    EXPECT_FALSE(nameless.allowed());
}

TEST(may_use_cookie, the_own_origin_has_the_port_unless_it_is_the_schemes) {
    auto one = asking::from("https://api.test:8443");
    one.authority = "api.test:8443";
    EXPECT_TRUE(one.allowed());
    one = asking::from("https://api.test");
    one.authority = "api.test:443";
    EXPECT_TRUE(one.allowed());
    one = asking::from("http://api.test");
    one.authority = "api.test:80";
    EXPECT_FALSE(one.allowed());
    one.secure = false;
    EXPECT_TRUE(one.allowed());
    one.authority = "api.test:443";
    EXPECT_FALSE(one.allowed());
    one = asking::from("http://[::1]:8080");
    one.authority = "[::1]:8080";
    one.secure = false;
    EXPECT_TRUE(one.allowed());
}

TEST(may_use_cookie, the_scheme_is_what_trusted_proxies_say) {
    auto one = asking::from("https://api.test");
    one.secure = false;
    EXPECT_FALSE(one.allowed());
    one.headers.push_back({"X-Forwarded-Proto", "https"});
    EXPECT_FALSE(one.allowed()) << "a stranger says so";
    one.trusted = true;
    EXPECT_TRUE(one.allowed());
    one.headers.push_back({"X-Forwarded-Proto", "http"});
    EXPECT_FALSE(one.allowed()) << "two of them disagree";
}

TEST(may_use_cookie, without_an_origin_the_browser_has_to_say_that_no_other_site_asked) {
    const auto with = [](std::vector<header> headers) {
        asking made;
        made.headers = std::move(headers);
        return made.allowed();
    };
    EXPECT_FALSE(with({}));
    EXPECT_TRUE(with({{"Sec-Fetch-Site", "same-origin"}}));
    EXPECT_TRUE(with({{"sec-fetch-site", "none"}}));
    for (const std::string_view site : {"same-site", "cross-site", "", "NONE", "none, none", "same-origin "}) {
        EXPECT_FALSE(with({{"Sec-Fetch-Site", site}})) << site;
    }
    EXPECT_FALSE(with({{"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "none"}}));
    EXPECT_FALSE(with({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://evil.test"}})) << "the Origin counts where there is one";
    EXPECT_FALSE(with({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "null"}}));
    EXPECT_FALSE(with({{"Referer", "https://api.test/"}}));
}

} // namespace
} // namespace bearward::policies::requests
