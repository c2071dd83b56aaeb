#include "proxy/admin/admin_gate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy {
namespace {

TEST(check_admin_host, takes_only_loopbacks_own_names) {
    for (const auto* host : {"localhost", "LOCALHOST:9901", "127.0.0.1", "127.0.0.1:80", "127.255.255.254:1", "[::1]", "[::1]:9901"}) {
        EXPECT_TRUE(check_admin_host(host, {})) << host;
    }
    for (const auto* host :
         {"", ":80", "localhost.evil.com", "evil.com", "127.0.0.1.evil.com", "128.0.0.1", "0.0.0.0", "[::2]", "[::1", "::1",
          "localhost:", "localhost:x", "localhost:999999", "user@localhost", "[::1]x", "localhost, evil.com", "127.1", "2130706433"}) {
        EXPECT_FALSE(check_admin_host(host, {})) << host;
    }
}

using values = std::vector<std::string_view>;

unsigned status_of(const std::optional<admin_reply>& refused) {
    return refused ? refused->status : 0;
}

TEST(check_host_fields, takes_exactly_one_that_is_allowed) {
    const std::array<std::string, 1> accepted{"admin.example"};
    const auto check = [&](const values& hosts, admin_scope scope) {
        return status_of(check_host_fields({.method = "GET", .target = "/", .hosts = hosts}, accepted, scope));
    };
    EXPECT_EQ(check({}, admin_scope::everything), 400U);
    EXPECT_EQ(check({"localhost", "localhost"}, admin_scope::everything), 400U);
    EXPECT_EQ(check({"evil.example"}, admin_scope::everything), 403U);
    EXPECT_EQ(check({"localhost"}, admin_scope::everything), 0U);
    EXPECT_EQ(check({"admin.example:9901"}, admin_scope::everything), 0U);
    EXPECT_EQ(check({}, admin_scope::probes), 0U);
    EXPECT_EQ(check({"10.1.2.3"}, admin_scope::probes), 0U);
    EXPECT_EQ(check({"a", "b"}, admin_scope::probes), 400U);
}

TEST(check_same_site, takes_json_without_origin_only) {
    const auto check = [](const values& content_types, bool has_origin) {
        return status_of(
            check_same_site({.method = "POST", .target = "/", .hosts = {}, .content_types = content_types, .has_origin = has_origin}));
    };
    EXPECT_EQ(check({"application/json"}, false), 0U);
    EXPECT_EQ(check({"Application/JSON ; charset=utf-8"}, false), 0U);
    EXPECT_EQ(check({"application/json"}, true), 403U);
    EXPECT_EQ(check({}, false), 403U);
    EXPECT_EQ(check({"application/json", "application/json"}, false), 403U);
    EXPECT_EQ(check({"text/plain"}, false), 403U);
    EXPECT_EQ(check({"application/jsonp"}, false), 403U);
}

} // namespace
} // namespace bearward::proxy
