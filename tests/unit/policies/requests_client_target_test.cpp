// Which URI is that of a request as its client sees it.
#include "policies/requests/client_target.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bearward::policies::requests {
namespace {

bool fits(std::string_view uri, std::string_view path = "/a/b", std::string_view authority = "api.example.com",
          std::string_view scheme = "https") {
    return is_uri_of(uri, {.scheme = scheme, .authority = authority, .path = path});
}

TEST(client_target, is_named_by_scheme_host_and_path) {
    EXPECT_TRUE(fits("https://api.example.com/a/b"));
    EXPECT_FALSE(fits("http://api.example.com/a/b"));
    EXPECT_FALSE(fits("https://example.com/a/b"));
    EXPECT_FALSE(fits("https://api.example.com/a"));
    EXPECT_FALSE(fits("https://api.example.com/a/b/"));
    EXPECT_FALSE(fits("https://api.example.com/A/b")) << "paths have case";
}

TEST(client_target, query_and_fragment_do_not_count) {
    for (const char* uri : {"https://api.example.com/a/b?x=1", "https://api.example.com/a/b#f", "https://api.example.com/a/b?#",
                            "https://api.example.com/a/b#?/c"}) {
        EXPECT_TRUE(fits(uri)) << uri;
    }
    EXPECT_FALSE(fits("https://api.example.com?/a/b"));
    EXPECT_FALSE(fits("https://api.example.com#/a/b"));
}

TEST(client_target, is_normalised_by_rfc_3986) {
    for (const char* uri : {"HTTPS://API.example.COM/a/b", "https://api.example.com:443/a/b", "https://api.example.com:/a/b",
                            "https://api.example.com./a/b", "https://api.example.com/%61/b", "https://api.example.com/a/./b",
                            "https://api.example.com/a/c/../b", "https://api.example.com:0443/a/b"}) {
        EXPECT_TRUE(fits(uri)) << uri;
    }
    EXPECT_TRUE(fits("https://api.example.com/a/b", "/%61/%62"));
    EXPECT_TRUE(fits("https://api.example.com/a%c3%a4", "/a%C3%A4"));
    EXPECT_TRUE(fits("https://api.example.com", "/"));
    EXPECT_TRUE(fits("https://api.example.com?x", "/"));
    EXPECT_TRUE(fits("http://api.example.com:80/", "/", "api.example.com", "http"));
    EXPECT_TRUE(fits("https://api.example.com:8443/a/b", "/a/b", "api.example.com:8443"));
    EXPECT_TRUE(fits("https://[2001:DB8::1]:443/a/b", "/a/b", "[2001:db8::1]"));
}

TEST(client_target, different_resources_stay_different) {
    EXPECT_FALSE(fits("https://api.example.com:80/a/b")) << "the other scheme's port";
    EXPECT_FALSE(fits("https://api.example.com:8443/a/b"));
    EXPECT_FALSE(fits("https://api.example.com/a/b", "/a/b", "api.example.com:8443"));
    EXPECT_FALSE(fits("https://api.example.com/a//b")) << "slashes are not merged";
    EXPECT_TRUE(fits("https://api.example.com/a//b", "/a//b"));
    EXPECT_FALSE(fits("https://api.example.com/a%2Fb"));
    EXPECT_FALSE(fits("https://api.example.com/a%2Fb", "/a/b%2F"));
    EXPECT_FALSE(fits("https://api.example.com/a;x/b"));
    EXPECT_FALSE(fits("https://api.example.com/a\\b"));
    EXPECT_FALSE(fits("https://api.example.com/%2561/b")) << "decoded once";
    EXPECT_FALSE(fits("https://api.example.com/a+b", "/a%20b"));
}

TEST(client_target, what_is_no_sound_uri_fits_nothing) {
    for (const char* uri : {"",
                            "/a/b",
                            "api.example.com/a/b",
                            "//api.example.com/a/b",
                            "https:api.example.com/a/b",
                            "https:/api.example.com/a/b",
                            "https:///a/b",
                            "https://",
                            "https://u@api.example.com/a/b",
                            "https://u:p@api.example.com/a/b",
                            "https://api.example.com@evil/a/b",
                            "https://api%2Eexample.com/a/b",
                            "https://api.example.com:x/a/b",
                            "https://api.example.com:+443/a/b",
                            "https://api.example.com:65979/a/b",
                            "https://api.example.com:443:443/a/b",
                            "https://api.example.com../a/b",
                            "https://[api.example.com/a/b",
                            "https://api.example.com\\/a/b",
                            " https://api.example.com/a/b",
                            "https://api.example.com/a/b ",
                            "https://api.example.com/a/%",
                            "https://api.example.com/../a/b"}) {
        EXPECT_FALSE(fits(uri)) << uri;
    }
    EXPECT_FALSE(fits("https:///a/b", "/a/b", "")) << "a request without a host has no URI";
}

TEST(client_target, a_trusted_peer_says_scheme_and_host) {
    const std::vector<header> headers{{"x-forwarded-proto", "https, https"}, {"X-Forwarded-Host", "Api.example.com"}};
    request_view request;
    request.headers = headers;
    request.authority = "10.0.0.1:8080";
    request.raw_path = "/x";
    EXPECT_TRUE(is_uri_of("http://10.0.0.1:8080/x", target_of(request)));
    request.trusted_peer = true;
    EXPECT_TRUE(is_uri_of("https://api.example.com/x", target_of(request)));
    EXPECT_FALSE(is_uri_of("http://10.0.0.1:8080/x", target_of(request)));
}

TEST(client_target, what_trusted_peers_disagree_on_is_what_is_seen_here) {
    const std::vector<header> headers{{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}, {"X-Forwarded-Host", "a, b"}};
    request_view request;
    request.headers = headers;
    request.trusted_peer = true;
    request.secure = true;
    request.authority = "c";
    EXPECT_EQ(target_of(request).scheme, "https");
    EXPECT_EQ(target_of(request).authority, "c");
}

} // namespace
} // namespace bearward::policies::requests
