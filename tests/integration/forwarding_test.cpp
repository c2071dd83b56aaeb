// What the upstream receives: the exact head, the identity, and nothing that
// only the proxy may say.
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bearward::test;
using ::testing::HasSubstr;
using ::testing::Not;

/// A proxy before an upstream that answers everything.
struct forwarding : ::testing::Test {
    scripted_upstream upstream{answer_always(ok("hello"))};
    running_proxy proxy{upstream.port()};
    raw_socket client = proxy.connect();

    message ask(const std::string& request, std::string_view method = "GET") {
        client.send(request);
        return read_response(client, method);
    }
    message get(const std::string& target, const std::string& fields) {
        return ask("GET " + target + " HTTP/1.1\r\nHost: app.test\r\n" + fields + "\r\n");
    }
};

const std::string id = "X-Request-Id: r-1\r\n";

TEST_F(forwarding, a_plain_get_arrives_as_exactly_this_head) {
    const auto answer = get("/a?b=c", authorized() + id + "Accept: */*\r\n");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(upstream.received(), "GET /a?b=c HTTP/1.1\r\n"
                                   "Host: app.test\r\n"
                                   "Accept: */*\r\n"
                                   "X-Forwarded-For: 127.0.0.1\r\n"
                                   "X-Forwarded-Proto: http\r\n"
                                   "X-Forwarded-Host: app.test\r\n"
                                   "X-Request-Id: r-1\r\n"
                                   "X-User-Id: ada\r\n"
                                   "X-Tenant-Id: acme\r\n"
                                   "X-User-Roles: reader\r\n"
                                   "\r\n");
}

TEST_F(forwarding, the_answer_has_exactly_this_head) {
    client.send("GET / HTTP/1.1\r\nHost: a\r\n" + authorized() + id + "\r\n");
    const auto answer = read_response(client);
    EXPECT_EQ(answer.dateless(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Request-Id: r-1\r\n\r\n");
    EXPECT_EQ(answer.body, "hello");
    EXPECT_THAT(answer.field("Date"), ::testing::EndsWith(" GMT"));
}

TEST_F(forwarding, the_absolute_form_replaces_the_host) {
    EXPECT_EQ(ask("GET http://Real.Test.:8080/x?y HTTP/1.1\r\nHost: other.test\r\n" + authorized() + "\r\n").status(), 200);
    const message seen{.head = upstream.received(), .body = {}, .trailers = {}};
    EXPECT_THAT(seen.head, ::testing::StartsWith("GET /x?y HTTP/1.1\r\n"));
    EXPECT_EQ(seen.field("Host"), "real.test:8080");
    EXPECT_EQ(seen.field("X-Forwarded-Host"), "real.test:8080");
    EXPECT_THAT(seen.head, Not(HasSubstr("other.test")));
}

TEST_F(forwarding, the_path_is_canonical_and_the_query_untouched) {
    EXPECT_EQ(get("/%61//./b/../c%2b?%61=%zz&&x=../y?/%2F", authorized()).status(), 200);
    EXPECT_THAT(upstream.received(), ::testing::StartsWith("GET /a/c%2B?%61=%zz&&x=../y?/%2F HTTP/1.1\r\n"));
}

TEST_F(forwarding, options_asterisk_stays_an_asterisk) {
    EXPECT_EQ(ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n" + authorized() + "\r\n").status(), 200);
    EXPECT_THAT(upstream.received(), ::testing::StartsWith("OPTIONS * HTTP/1.1\r\n"));
}

TEST_F(forwarding, the_token_is_removed_from_the_header_and_from_the_query) {
    const auto token = make_token();
    EXPECT_EQ(get("/query?a=1&access_token=" + token + "&b=2", "").status(), 200);
    EXPECT_EQ(get("/query?access_token=" + token, "Authorization: Bearer " + token + "\r\n").status(), 200);
    EXPECT_EQ(get("/x", "aUTHORIZATION: bEARER " + token + "\r\n").status(), 200);
    EXPECT_THAT(upstream.received(), HasSubstr("GET /query?a=1&b=2 HTTP/1.1\r\n"));
    EXPECT_THAT(upstream.received(), HasSubstr("GET /query HTTP/1.1\r\n"));
    EXPECT_THAT(upstream.received(), Not(HasSubstr(token)));
    EXPECT_THAT(upstream.received(), Not(::testing::ContainsRegex("[Aa][Uu][Tt][Hh][Oo][Rr]")));
}

TEST_F(forwarding, the_token_stays_where_the_route_says_so) {
    EXPECT_EQ(get("/kept", authorized()).status(), 200);
    EXPECT_THAT(upstream.received(), HasSubstr("\r\n" + authorized()));
    EXPECT_THAT(upstream.received(), HasSubstr("X-User-Id: ada\r\n"));
}

TEST_F(forwarding, a_public_route_passes_the_credential_untouched_and_no_identity) {
    EXPECT_EQ(get("/public?access_token=zzz", authorized()).status(), 200);
    EXPECT_THAT(upstream.received(), ::testing::StartsWith("GET /public?access_token=zzz HTTP/1.1\r\n"));
    EXPECT_THAT(upstream.received(), HasSubstr(authorized()));
    EXPECT_THAT(upstream.received(), Not(HasSubstr("X-User-Id")));
}

TEST_F(forwarding, an_optional_route_passes_anonymous_and_known_callers) {
    EXPECT_EQ(get("/optional", "").status(), 200);
    EXPECT_THAT(upstream.received(), Not(HasSubstr("X-User")));
    EXPECT_EQ(get("/optional", authorized()).status(), 200);
    EXPECT_THAT(upstream.received(), HasSubstr("X-User-Id: ada\r\n"));
}

/// A header that a client sends to pass for somebody else.
struct spoof : forwarding, ::testing::WithParamInterface<std::string> {};

TEST_P(spoof, never_arrives) {
    const std::string line = GetParam() + ": root\r\n";
    for (const std::string path : {"/public", "/optional"}) {
        EXPECT_EQ(get(path, line).status(), 200) << path;
    }
    EXPECT_EQ(get("/", line + authorized() + line).status(), 200);
    EXPECT_EQ(get("/", "Connection: " + GetParam() + "\r\n" + line + authorized()).status(), 200);
    EXPECT_EQ(get("/", line).status(), 401);
    EXPECT_THAT(upstream.received(), Not(HasSubstr("root")));
}

INSTANTIATE_TEST_SUITE_P(names, spoof,
                         ::testing::Values("X-User-Id", "x-user-id", "X_User_Id", "X-User_Id", "x_USER-id", "X-Tenant-Id", "X-User-Roles",
                                           "X-User-Scopes", "x_user_scopes", "X-Forwarded-For", "X-Forwarded-Host", "x_forwarded_for",
                                           "X-Forwarded-Anything", "Forwarded", "X-Real-Ip", "x_real_ip", "X-Original-URL", "X-Rewrite-URL",
                                           "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"),
                         [](const auto& of) {
                             std::string name = of.param;
                             std::ranges::replace(name, '_', 'u');
                             std::erase(name, '-');
                             return name + std::to_string(of.index);
                         });

TEST_F(forwarding, a_spoof_in_a_trailer_never_arrives) {
    EXPECT_EQ(ask("POST /public HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-User-Id\r\n\r\n" +
                      chunked("abc", 3, "X-User-Id: root\r\nX_User_Roles: root\r\n"),
                  "POST")
                  .status(),
              200);
    EXPECT_THAT(upstream.received(), ::testing::EndsWith("\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
    EXPECT_THAT(upstream.received(), Not(HasSubstr("root")));
    EXPECT_THAT(upstream.received(), Not(HasSubstr("Trailer")));
}

TEST_F(forwarding, hop_by_hop_fields_and_those_that_connection_names_end_here) {
    EXPECT_EQ(get("/", authorized() + "Connection: X-Hop, keep-alive, x_other\r\nX-Hop: 1\r\nX-Other: 2\r\nKeep-Alive: timeout=9\r\n"
                                      "Proxy-Connection: x\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nTE: gzip\r\nX-Stays: 3\r\n")
                  .status(),
              200);
    for (const std::string name : {"X-Hop", "X-Other", "Keep-Alive", "Proxy-Connection", "Upgrade", "HTTP2", "TE:", "Connection"}) {
        EXPECT_THAT(upstream.received(), Not(HasSubstr(name)));
    }
    EXPECT_THAT(upstream.received(), HasSubstr("X-Stays: 3\r\n"));
}

TEST_F(forwarding, connection_can_not_remove_what_the_proxy_says) {
    EXPECT_EQ(get("/", authorized() + "Connection: X-User-Id, Host, X-Forwarded-For, X-Request-Id, Authorization\r\n").status(), 200);
    const message seen{.head = upstream.received(), .body = {}, .trailers = {}};
    EXPECT_EQ(seen.field("X-User-Id"), "ada");
    EXPECT_EQ(seen.field("Host"), "app.test");
    EXPECT_EQ(seen.field("X-Forwarded-For"), "127.0.0.1");
    EXPECT_EQ(seen.field("X-Request-Id").size(), 32U);
}

TEST_F(forwarding, a_request_id_is_kept_if_sound_and_made_anew_if_not) {
    EXPECT_EQ(get("/", authorized() + "X-Request-Id: Az.0_-9\r\n").field("X-Request-Id"), "Az.0_-9");
    for (const std::string& bad : {std::string("a b"), std::string("a/b"), std::string(129, 'a'), std::string()}) {
        const auto made = get("/", authorized() + "X-Request-Id: " + bad + "\r\n").field("X-Request-Id");
        EXPECT_EQ(made.size(), 32U);
        EXPECT_THAT(upstream.received(), HasSubstr("X-Request-Id: " + made + "\r\n"));
    }
    EXPECT_THAT(upstream.received(), Not(HasSubstr("a/b")));
}

TEST_F(forwarding, the_upstreams_request_id_does_not_replace_ours) {
    scripted_upstream other{answer_always(ok("", "X-Request-Id: theirs\r\nServer: s\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"))};
    running_proxy before{other.port()};
    auto caller = before.connect();
    caller.send("GET /public HTTP/1.1\r\nHost: a\r\n" + id + "\r\n");
    const auto answer = read_response(caller);
    EXPECT_EQ(answer.field("X-Request-Id"), "r-1");
    EXPECT_EQ(answer.field("Server"), "s");
    EXPECT_THAT(answer.head, Not(HasSubstr("Hop")));
}

TEST_F(forwarding, values_of_the_identity_are_escaped) {
    const auto token = make_token({.user = "a\\r\\nX-Evil: 1\\u00e9%", .role = "a,admin"});
    EXPECT_EQ(get("/", "Authorization: Bearer " + token + "\r\n").status(), 200);
    EXPECT_THAT(upstream.received(), HasSubstr("X-User-Id: a%0D%0AX-Evil:%201%C3%A9%25\r\n"));
    EXPECT_THAT(upstream.received(), HasSubstr("X-User-Roles: a%2Cadmin\r\n"));
}

TEST(forwarding_host, is_the_servers_own_name_where_the_upstream_wants_it) {
    scripted_upstream upstream{answer_always(ok(""))};
    running_proxy proxy{upstream.port(), {.upstream = "forward_host: false"}};
    auto client = proxy.connect();
    client.send("GET /public HTTP/1.1\r\nHost: app.test\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 200);
    const message seen{.head = upstream.received(), .body = {}, .trailers = {}};
    EXPECT_EQ(seen.field("Host"), "127.0.0.1:" + std::to_string(upstream.port()));
    EXPECT_EQ(seen.field("X-Forwarded-Host"), "app.test");
}

} // namespace
