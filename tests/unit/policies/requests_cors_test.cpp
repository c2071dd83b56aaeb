// Origins and preflights (policies/BEHAVIOUR.md 19), attacked.
#include "policies/requests/cors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::policies::requests {
namespace {

using testing::HasSubstr;

std::string fault_of(std::string_view written) {
    const auto made = parse_accepted_origin(written);
    return made ? "accepted" : made.error();
}

TEST(parse_accepted_origin, takes_what_browsers_send) {
    for (const std::string_view origin :
         {"http://localhost:3000", "https://app.example.com", "https://app.example.com:8443", "http://127.0.0.1", "http://[::1]:5173",
          "https://xn--bcher-kva.example", "chrome-extension://abcdefgh", "capacitor://localhost", "http://a_b.example"}) {
        EXPECT_EQ(fault_of(origin), "accepted") << origin;
        EXPECT_EQ(parse_accepted_origin(origin)->what, accepted_origin::kind::exact) << origin;
    }
    EXPECT_EQ(parse_accepted_origin("*")->what, accepted_origin::kind::any);
    for (const std::string_view origin : {"https://*.example.com", "http://*.localhost:3000", "https://*.example.com:8443"}) {
        EXPECT_EQ(parse_accepted_origin(origin)->what, accepted_origin::kind::subdomains) << origin;
    }
}

TEST(parse_accepted_origin, says_what_to_write_instead) {
    const std::vector<std::pair<std::string_view, std::string_view>> cases{
        {"https://app.example.com/", "no path, not even a final /: write https://app.example.com"},
        {"https://app.example.com/path", "write https://app.example.com"},
        {"https://app.example.com?x", "write https://app.example.com"},
        {"https://app.example.com#x", "write https://app.example.com"},
        {"app.example.com", "write https://app.example.com"},
        {"localhost:3000/x", "write https://localhost:3000"},
        {"http:/app", "an origin has a scheme"},
        {"", "an origin has a scheme"},
        {"//app.example.com", "an origin has a scheme"},
        {"HTTPS://app.example.com", "did you mean 'https://app.example.com'?"},
        {"https://App.example.com", "did you mean 'https://app.example.com'?"},
        {"https://app.example.com:443", "did you mean 'https://app.example.com'?"},
        {"http://app.example.com:80", "did you mean 'http://app.example.com'?"},
        {"null", "'null' is the origin of sandboxed frames"},
        {"NULL", "'null' is the origin of sandboxed frames"},
        {"https://user@app.example.com", "not one exact host"},
        {"https://app.example.com:0", "not a port"},
        {"https://app.example.com:99999", "not a port"},
        {"https://", "not one exact host"},
        {"https://a b", "not one exact host"},
        {"https://*", "https://*.example.com"},
        {"https://*example.com", "https://*.example.com"},
        {"https://app.*.com", "https://*.example.com"},
        {"https://*.*.example.com", "https://*.example.com"},
        {"*.example.com", "https://*.example.com"},
        {"*://app.example.com", "https://*.example.com"},
        {"https://*.", "https://*.example.com"},
        {"https://*.example.com/", "https://*.example.com"},
        {"https://*.example.com:*", "https://*.example.com"},
        {"https://*.Example.com", "lower case"},
        {"HTTPS://*.example.com", "lower case"},
        {"https://*.example.com:443", "lower case, without a port"},
        {"**", "https://*.example.com"},
    };
    for (const auto& [written, said] : cases) {
        EXPECT_THAT(fault_of(written), HasSubstr(said)) << written;
    }
    EXPECT_FALSE(parse_exact_origin("*"));
    EXPECT_FALSE(parse_exact_origin("https://*.example.com"));
}

cors_rules rules_of(std::initializer_list<std::string_view> origins) {
    cors_rules made;
    for (const std::string_view each : origins) {
        made.origins.push_back(parse_accepted_origin(each).value());
    }
    return made;
}

std::string_view answer_to(const cors_rules& rules, std::string_view origin) {
    const std::vector<header> fields{{"Host", "api.example.com"}, {"oRIGIN", origin}};
    return allowed_origin(rules, fields);
}

TEST(allowed_origin, is_the_requests_own_where_it_is_listed) {
    const auto rules = rules_of({"http://localhost:3000", "https://app.example.com"});
    EXPECT_EQ(answer_to(rules, "https://app.example.com"), "https://app.example.com");
    EXPECT_EQ(answer_to(rules, "http://localhost:3000"), "http://localhost:3000");
    for (const std::string_view other :
         {"", "null", "http://app.example.com", "https://app.example.com:8443", "https://app.example.com.evil.test", "https://evil.test",
          "https://app.example.co", "https://app.example.com/", "HTTPS://app.example.com", "https://xapp.example.com",
          "https://app.example.com, https://evil.test", "http://localhost:30001", "http://localhost"}) {
        EXPECT_EQ(answer_to(rules, other), "") << other;
    }
}

TEST(allowed_origin, of_a_wildcard_has_one_label_or_more_in_its_place) {
    const auto rules = rules_of({"https://*.example.com"});
    for (const std::string_view origin : {"https://a.example.com", "https://a.b.c.example.com", "https://a-1_x.example.com"}) {
        EXPECT_EQ(answer_to(rules, origin), origin);
    }
    for (const std::string_view other : {"https://example.com",
                                         "https://.example.com",
                                         "https://a..example.com",
                                         "https://.a.example.com",
                                         "http://a.example.com",
                                         "https://a.example.com:8443",
                                         "https://evil.test/.example.com",
                                         "https://evil.test#.example.com",
                                         "https://evil.test?.example.com",
                                         "https://evil.test:1.example.com",
                                         "https://user@.example.com",
                                         "https://evil.test\\.example.com",
                                         "https://aexample.com",
                                         "https://a.example.com.evil.test",
                                         "https://A.example.com",
                                         "https://%65.example.com",
                                         "https://[::1].example.com",
                                         "https://a. .example.com",
                                         "https://*.example.com",
                                         "null"}) {
        EXPECT_EQ(answer_to(rules, other), "") << other;
    }
    const std::string endless = "https://" + std::string(400, 'a') + ".example.com";
    EXPECT_EQ(answer_to(rules, endless), "");
    const auto with_port = rules_of({"http://*.localhost:3000"});
    EXPECT_EQ(answer_to(with_port, "http://x.localhost:3000"), "http://x.localhost:3000");
    EXPECT_EQ(answer_to(with_port, "http://x.localhost"), "");
}

TEST(allowed_origin, of_a_star_is_a_star) {
    const auto rules = rules_of({"*"});
    EXPECT_EQ(answer_to(rules, "https://anything.test"), "*");
    EXPECT_EQ(answer_to(rules, "null"), "*");
    EXPECT_EQ(answer_to(rules, ""), "");
    EXPECT_EQ(allowed_origin(rules, {}), "");
}

TEST(allowed_origin, is_none_of_several) {
    const auto rules = rules_of({"https://app.example.com"});
    const std::vector<header> twice{{"Origin", "https://app.example.com"}, {"Origin", "https://app.example.com"}};
    EXPECT_EQ(allowed_origin(rules, twice), "");
    EXPECT_EQ(allowed_origin(rules_of({"*"}), twice), "");
}

std::string_view asked_by(std::string_view method, const std::vector<header>& headers) {
    request_view request;
    request.method = method;
    request.headers = headers;
    return find_preflight_method(request);
}

TEST(preflight, is_options_with_one_origin_and_one_method) {
    const header origin{"Origin", "https://a.test"};
    const header asked{"Access-Control-Request-Method", "PUT"};
    EXPECT_EQ(asked_by("OPTIONS", {origin, asked}), "PUT");
    EXPECT_EQ(asked_by("OPTIONS", {{"origin", "null"}, {"access-control-request-method", "X-1"}}), "X-1");
    EXPECT_EQ(asked_by("OPTIONS", {asked}), "");
    EXPECT_EQ(asked_by("OPTIONS", {origin}), "");
    EXPECT_EQ(asked_by("GET", {origin, asked}), "");
    EXPECT_EQ(asked_by("options", {origin, asked}), "");
    EXPECT_EQ(asked_by("OPTIONS", {origin, asked, asked}), "");
    EXPECT_EQ(asked_by("OPTIONS", {origin, origin, asked}), "");
    EXPECT_EQ(asked_by("OPTIONS", {{"Origin", ""}, asked}), "");
    EXPECT_EQ(asked_by("OPTIONS", {origin, {"Access_Control_Request_Method", "PUT"}}), "");
    for (const std::string_view bad : {"", "PUT, DELETE", "PUT DELETE", "P\"T", "PUT/1"}) {
        EXPECT_EQ(asked_by("OPTIONS", {origin, {"Access-Control-Request-Method", bad}}), "") << bad;
    }
}

TEST(preflight, carries_what_browsers_send_and_nothing_else) {
    for (const std::string_view name : {"Origin", "access-control-request-headers", "Access-Control-Request-Private-Network", "User-Agent",
                                        "sec-fetch-mode", "Sec-CH-UA", "Accept", "traceparent"}) {
        EXPECT_TRUE(is_preflight_header(name)) << name;
    }
    for (const std::string_view name :
         {"Authorization", "Cookie", "X-API-Key", "X-Token", "X-HTTP-Method-Override", "X-User-Id", "Content-Type", "Content-Length",
          "Access-Control-Request-", "Sec-Fetch-", "Sec-WebSocket-Protocol", "DPoP", "If-Match", "Range", ""}) {
        EXPECT_FALSE(is_preflight_header(name)) << name;
    }
}

TEST(cors_header, is_a_whole_family) {
    EXPECT_TRUE(is_cors_header("Access-Control-Allow-Origin"));
    EXPECT_TRUE(is_cors_header("access-control-allow-private-network"));
    EXPECT_FALSE(is_cors_header("Access-Control"));
    EXPECT_FALSE(is_cors_header("Accept"));
    EXPECT_FALSE(is_cors_header("Vary"));
}

} // namespace
} // namespace bearward::policies::requests
