// URLs of what is fetched: what is sent, and to whom.
#include "config/url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearward::config {
namespace {

TEST(url, says_what_is_sent_to_whom) {
    const auto plain = parse_url("http://id.example.com/keys?version=2&x=%20").value();
    EXPECT_FALSE(plain.secure);
    EXPECT_EQ(plain.server.host, "id.example.com");
    EXPECT_EQ(plain.server.port, 80);
    EXPECT_EQ(plain.authority, "id.example.com");
    EXPECT_EQ(plain.target, "/keys?version=2&x=%20");
    EXPECT_EQ(plain.text, "http://id.example.com/keys?version=2&x=%20");
    const auto secure = parse_url("https://id.example.com").value();
    EXPECT_TRUE(secure.secure);
    EXPECT_EQ(secure.server.port, 443);
    EXPECT_EQ(secure.target, "/");
    EXPECT_EQ(parse_url("https://id.example.com?x").value().target, "/?x");
}

TEST(url, names_a_port_only_where_it_is_not_the_schemes_own) {
    EXPECT_EQ(parse_url("https://id.example.com:443/").value().authority, "id.example.com");
    EXPECT_EQ(parse_url("https://id.example.com:/").value().authority, "id.example.com");
    EXPECT_EQ(parse_url("https://id.example.com:80/").value().authority, "id.example.com:80");
    EXPECT_EQ(parse_url("http://id.example.com:8080/").value().authority, "id.example.com:8080");
    EXPECT_EQ(parse_url("http://[::1]:8080/").value().authority, "[::1]:8080");
    EXPECT_EQ(parse_url("http://[::1]/").value().authority, "[::1]");
    EXPECT_EQ(parse_url("http://[::1]/").value().server.host, "::1");
}

TEST(url, is_http_or_https_and_nothing_else) {
    for (const char* text : {"", "/keys", "//id.example.com/", "id.example.com", "ftp://id.example.com/", "file:///etc/passwd",
                             "HTTPS://id.example.com/", "https:id.example.com", "https:/id.example.com", " https://id.example.com/",
                             "https://id.example.com/ ", "unix:/run/x", "data:application/json,{}"}) {
        EXPECT_FALSE(parse_url(text).has_value()) << text;
    }
}

TEST(url, has_neither_user_nor_fragment) {
    EXPECT_EQ(parse_url("https://user@id.example.com/").error(), "a URL with a user or password is not accepted: it would stand in logs");
    EXPECT_FALSE(parse_url("https://:hunter2@id.example.com/").has_value());
    EXPECT_FALSE(parse_url("https://@id.example.com/").has_value());
    EXPECT_EQ(parse_url("https://id.example.com/#").error(), "a fragment (#) is never sent: leave it out");
}

TEST(url, has_a_host_that_is_one) {
    for (const char* host : {"",
                             ":443",
                             "*",
                             "*.example.com",
                             "a..b",
                             ".example.com",
                             "example.com.",
                             "ex%61mple.com",
                             "[::1",
                             "::1",
                             "[fe80::1%25eth0]",
                             "[v1.x]",
                             "300.1.1.1",
                             "1.2.3",
                             "1.2.3.4.example.com",
                             "127.0.0.1.5",
                             "1.2.3.4x",
                             "[::1]x",
                             "id.example.com:0",
                             "id.example.com:65536",
                             "id.example.com:-1",
                             "id.example.com:443:443",
                             "b\xC3\xBC.example",
                             "a b",
                             "a\tb",
                             "a\\b",
                             "a;b"}) {
        EXPECT_FALSE(parse_url("https://" + std::string(host) + "/").has_value()) << host;
    }
}

TEST(url, carries_nothing_into_the_request_line) {
    for (const char* path :
         {"/a b", "/a\r\nX: 1", "/a\nb", "/a\tb", "/a\x01", "/\xC3\xBC", "/<x>", "/a\"b", "/%zz", "/%", "/{x}", "/a\\b", "/[x]"}) {
        EXPECT_FALSE(parse_url("https://id.example.com" + std::string(path)).has_value()) << path;
    }
    EXPECT_FALSE(parse_url(std::string("https://id.example.com/a\0b", 26)).has_value());
    EXPECT_EQ(parse_url("https://id.example.com/%0d%0aX:%201").value().target, "/%0d%0aX:%201") << "an escape stays one";
}

TEST(url, is_insecure_in_plain_to_another_machine) {
    for (const char* text :
         {"http://id.example.com/", "http://192.0.2.1/", "http://localhost.example.com/", "http://[2001:db8::1]/", "http://0.0.0.0/"}) {
        EXPECT_TRUE(is_insecure(parse_url(text).value())) << text;
    }
    for (const char* text :
         {"https://id.example.com/", "http://localhost/", "http://127.0.0.1:8080/", "http://127.9.9.9/", "http://[::1]/"}) {
        EXPECT_FALSE(is_insecure(parse_url(text).value())) << text;
    }
}

} // namespace
} // namespace bearward::config
