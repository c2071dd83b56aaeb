// What the upstream and the client receive (proxy/BEHAVIOUR.md 4 and 5), attacked.
#include "policies/decide.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/write_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bearward::proxy::http {
namespace {

using policies::identity_header;
using policies::requests::equal_names;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr policies::time_point now{std::chrono::seconds{1'700'000'000}};

/// Accepts every token as that of one user.
class trusting_source final : public policies::outside {
public:
    trusting_source() : outside(http::now) {}
    policies::verification verify(const policies::provider&, std::string_view) override {
        auto token = std::make_shared<policies::tokens::verified_token>();
        token->who.provider = "main";
        token->who.user = "u-1";
        token->who.tenant = "t-1";
        token->who.roles = {"a,admin", "editor"};
        token->expires = http::now + std::chrono::hours{1};
        token->who.expires = token->expires;
        return token;
    }
};

/// One request through parse, decide and rewrite.
struct exchange {
    policies::rules::route route;
    rewrite_rules rules{.stripped_names = {"X-User-Id", "X-Tenant-Id", "X-User-Roles"}};
    forward_context context{.peer_address = "192.0.2.7", .request_id = "r-1", .upstream_host = {}, .path = "/p"};
    bool websocket = false;

    exchange() {
        route.name = "everything";
        route.pattern = "/";
        route.providers = {0};
        route.credential_names = {{}};
        route.token_from = {.header = true, .query = true, .subprotocol = false};
    }

    std::string forward(const std::string& raw) {
        request_head head;
        EXPECT_EQ(parse_request_head(raw, {}, head).state, head_state::complete);
        policies::snapshot snapshot;
        for (const auto& names : route.credential_names) {
            snapshot.providers.emplace_back().names = names;
        }
        snapshot.identity_headers.push_back({.name = "X-User-Id", .from = identity_header::source::user, .claim = {}});
        snapshot.identity_headers.push_back({.name = "X-Tenant-Id", .from = identity_header::source::tenant, .claim = {}});
        snapshot.identity_headers.push_back({.name = "X-User-Roles", .from = identity_header::source::roles, .claim = {}});
        for (const auto& row : policies::requests::certificate_fact_table) {
            if (rules.tells_certificates) {
                snapshot.identity_headers.push_back(
                    {.name = "X-" + std::string(row.word), .from = identity_header::source::certificate, .certificate = row.value});
            }
        }
        rules.identity_headers = &snapshot.identity_headers;
        std::vector<policies::rules::route> routes;
        routes.push_back(route);
        snapshot.routes = policies::rules::route_table(std::move(routes));
        const policies::requests::request_view view{.method = head.method,
                                                    .path = {.path = context.path},
                                                    .query = head.query,
                                                    .host = head.host,
                                                    .websocket = websocket,
                                                    .listener = 0,
                                                    .headers = head.fields};
        trusting_source tokens;
        policies::requests::credential_scratch scratch;
        const auto decision = policies::decide(view, snapshot, tokens, policies::on_need::tell, scratch);
        const auto* leave = std::get_if<policies::permit>(&decision);
        if (leave == nullptr) {
            ADD_FAILURE() << "denied: " << policies::to_string(std::get<policies::denial>(decision).why);
            return {};
        }
        outgoing_request made;
        make_upstream_head(head, *leave, rules, context, websocket, made);
        std::string out;
        write_head(made, out);
        request_head again;
        // An empty Host (RFC 9112 section 3.2, for a client of HTTP/1.0 that sent none) is the one thing we'd refuse ourselves.
        EXPECT_EQ(parse_request_head(out, {}, again).state, head.authority.empty() ? head_state::refused : head_state::complete) << out;
        return out;
    }
};

constexpr auto token_line = "Authorization: Bearer a.b.c\r\n";

std::string get(const std::string& fields, const std::string& line = "GET /p HTTP/1.1") {
    return line + "\r\nHost: App.Example:8080\r\n" + token_line + fields + "\r\n";
}

TEST(http_head_rewrite, an_ordinary_request_is_forwarded_with_ours_added_and_the_token_removed) {
    EXPECT_EQ(exchange{}.forward(get("Accept: */*\r\nCookie: a=b\r\n")), "GET /p HTTP/1.1\r\n"
                                                                         "Host: app.example:8080\r\n"
                                                                         "Accept: */*\r\n"
                                                                         "Cookie: a=b\r\n"
                                                                         "X-Forwarded-For: 192.0.2.7\r\n"
                                                                         "X-Forwarded-Proto: http\r\n"
                                                                         "X-Forwarded-Host: app.example:8080\r\n"
                                                                         "X-Request-Id: r-1\r\n"
                                                                         "X-User-Id: u-1\r\n"
                                                                         "X-Tenant-Id: t-1\r\n"
                                                                         "X-User-Roles: a%2Cadmin,editor\r\n"
                                                                         "\r\n");
}

TEST(http_head_rewrite, spoofed_identity_is_removed_in_every_spelling) {
    for (const bool underscores_dropped : {true, false}) {
        for (const std::string name : {"X-User-Id", "x-user-id", "X_User_Id", "X-User_Id", "x_USER-id", "X_TENANT_ID", "X-User_Roles",
                                       "X.User.Id", "x!user~id", "X|Tenant^Id", "X_User.Roles", "X`User'Id"}) {
            exchange one;
            one.rules.headers.drop_unusual_names = underscores_dropped;
            EXPECT_THAT(one.forward(get(name + ": root\r\n" + name + ": root\r\n")), Not(HasSubstr("root"))) << name;
        }
    }
}

TEST(http_head_rewrite, spoofed_identity_is_removed_on_public_and_anonymous_requests_and_none_is_set) {
    for (const auto auth : {policies::rules::authentication::none, policies::rules::authentication::optional}) {
        exchange one;
        one.route.auth = auth;
        const auto out = one.forward("GET /p HTTP/1.1\r\nHost: a\r\nX-User-Id: root\r\nX_Tenant_Id: root\r\n\r\n");
        EXPECT_THAT(out, AllOf(Not(HasSubstr("root")), Not(HasSubstr("X-User-Id")), Not(HasSubstr("X-Tenant-Id"))));
    }
}

TEST(http_head_rewrite, connection_can_name_away_the_clients_fields_but_none_of_ours) {
    const auto out =
        exchange{}.forward(get("Connection: x-user-id, X-Forwarded-For, host, Content-Length, x_secret, authorization, x-request-id, "
                               "transfer-encoding\r\nX-Secret: s\r\nX-Kept: k\r\nContent-Length: 5\r\n"));
    EXPECT_THAT(out, AllOf(HasSubstr("Host: app.example:8080\r\n"), HasSubstr("Content-Length: 5\r\n"), HasSubstr("X-User-Id: u-1\r\n"),
                           HasSubstr("X-Forwarded-For: 192.0.2.7\r\n"), HasSubstr("X-Request-Id: r-1\r\n"), HasSubstr("X-Kept: k\r\n")));
    EXPECT_THAT(out, AllOf(Not(HasSubstr("Secret")), Not(HasSubstr("Connection")), Not(HasSubstr("Bearer"))));
}

const std::string client_trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(http_head_rewrite, trace_fields_pass_as_they_came_where_nothing_is_traced) {
    const auto out = exchange{}.forward(get("traceparent: 00-1-2\r\ntracestate: a=b\r\nTraceParent: x\r\nTracestate: c=d\r\n"));
    EXPECT_THAT(out, HasSubstr("traceparent: 00-1-2\r\ntracestate: a=b\r\nTraceParent: x\r\nTracestate: c=d\r\n"));
}

TEST(http_head_rewrite, a_trace_that_goes_on_has_our_span_as_parent_and_its_state) {
    request_trace trace{.own = *parse_traceparent(client_trace), .parent = {}, .continued = true};
    trace.own.span = {1, 2, 3, 4, 5, 6, 7, 8};
    exchange one;
    one.context.trace = &trace;
    const auto out = one.forward(get("TraceParent: " + client_trace + "\r\nTracestate: a=b\r\ntracestate: c=d\r\n"));
    EXPECT_THAT(out, AllOf(HasSubstr("\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-0102030405060708-01\r\n"),
                           HasSubstr("\r\nTracestate: a=b\r\ntracestate: c=d\r\n"), Not(HasSubstr("00f067aa0ba902b7"))));
}

TEST(http_head_rewrite, a_trace_that_begins_here_replaces_whatever_came) {
    const request_trace trace{.own = *parse_traceparent(client_trace), .parent = {}};
    exchange one;
    one.context.trace = &trace;
    const auto out = one.forward(get("traceparent: zzz\r\nTRACEPARENT: zzz\r\ntracestate: zzz\r\n"));
    EXPECT_THAT(out, AllOf(Not(HasSubstr("zzz")), HasSubstr("\r\ntraceparent: " + client_trace + "\r\n")));
}

TEST(http_head_rewrite, connection_can_not_name_away_our_traceparent_but_a_route_can_remove_it) {
    const request_trace trace{.own = *parse_traceparent(client_trace), .parent = {}, .continued = true};
    exchange one;
    one.context.trace = &trace;
    EXPECT_THAT(one.forward(get("Connection: traceparent, tracestate\r\ntracestate: a=b\r\n")),
                AllOf(HasSubstr("\r\ntraceparent: " + client_trace + "\r\n"), Not(HasSubstr("tracestate"))));
    one.route.request_headers.removed = {"traceparent"};
    EXPECT_THAT(one.forward(get("")), Not(HasSubstr("traceparent")));
}

TEST(http_head_rewrite, hop_by_hop_fields_end_here) {
    for (const std::string name : {"Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Trailer", "Upgrade",
                                   "HTTP2-Settings", "keep_alive", "Proxy_Authorization", "Transfer_Encoding", "Content_Length"}) {
        exchange one;
        one.rules.headers.drop_unusual_names = false;
        EXPECT_THAT(one.forward(get(name + ": zzz\r\n")), Not(HasSubstr("zzz"))) << name;
    }
}

TEST(http_head_rewrite, the_forwarded_family_is_ours) {
    for (const std::string name :
         {"Forwarded", "X-Real-Ip", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Anything", "x-forwarded-",
          "X_Forwarded_For", "X_Real_IP", "X-Request-Id", "X.Forwarded.For", "X-Forwarded.Prefix", "X~Real~Ip"}) {
        exchange one;
        one.rules.headers.drop_unusual_names = false;
        EXPECT_THAT(one.forward(get(name + ": zzz\r\n")), Not(HasSubstr("zzz"))) << name;
    }
    EXPECT_THAT(exchange{}.forward(get("X-Forwarded: kept\r\n")), HasSubstr("X-Forwarded: kept\r\n"));
}

TEST(http_head_rewrite, what_apps_believe_of_the_client_passes_from_nobody_but_trusted_peers) {
    for (const std::string name : {"X-Client-IP",
                                   "Client-IP",
                                   "True-Client-IP",
                                   "CF-Connecting-IP",
                                   "Fastly-Client-IP",
                                   "X-Cluster-Client-IP",
                                   "X-Envoy-External-Address",
                                   "X-ProxyUser-Ip",
                                   "Proxy-Client-IP",
                                   "WL-Proxy-Client-IP",
                                   "Client-Cert",
                                   "Client-Cert-Chain",
                                   "Ssl-Client-Verify",
                                   "SSL-CLIENT-S-DN",
                                   "X-SSL-Client-CN",
                                   "X-SSL-Anything",
                                   "X-Client-Cert",
                                   "X-Client-Certificate",
                                   "X-Client-Cert-Sha1",
                                   "X-ARR-ClientCert",
                                   "X-Amzn-Mtls-Clientcert-Subject",
                                   "x_client_ip",
                                   "Ssl.Client.Verify"}) {
        exchange one;
        one.rules.headers.drop_unusual_names = false;
        EXPECT_THAT(one.forward(get(name + ": zzz\r\n")), Not(HasSubstr("zzz"))) << name;
        one.context.trusted_peer = true;
        EXPECT_THAT(one.forward(get(name + ": zzz\r\n")), HasSubstr(name + ": zzz\r\n"));
        one.context.trusted_peer = false;
        one.rules.headers.drop_client_facts = false;
        EXPECT_THAT(one.forward(get(name + ": zzz\r\n")), HasSubstr(name + ": zzz\r\n"));
    }
    for (const std::string name : {"X-Client", "X-Clients-IP", "Client", "Ssl-Clients", "X-SS", "X-Client-Version"}) {
        EXPECT_THAT(exchange{}.forward(get(name + ": zzz\r\n")), HasSubstr(name + ": zzz\r\n"));
    }
}

TEST(http_head_rewrite, proxy_is_dropped_whatever_is_allowed_and_whoever_sends_it) {
    for (const std::string name : {"Proxy", "PROXY", "proxy"}) {
        exchange one;
        one.rules.headers = {.drop_unusual_names = false, .drop_rewrites = false, .drop_client_facts = false};
        one.context.trusted_peer = true;
        EXPECT_THAT(one.forward(get(name + ": http://evil.test/\r\n")), Not(HasSubstr("evil"))) << name;
    }
}

TEST(http_head_rewrite, the_scheme_is_believed_where_all_trusted_proxies_say_the_same) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"X-Forwarded-Proto: https, https\r\n", "https"},
        {"X-Forwarded-Proto: https,https ,HTTPS\r\n", "https"},
        {"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: https\r\n", "https"},
        {"X-Forwarded-Proto: http, http\r\n", "http"},
        {"X-Forwarded-Proto: https, http\r\n", "ours"},
        {"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n", "ours"},
        {"X-Forwarded-Proto: https,\r\n", "https"},
        {"X-Forwarded-Proto: https,,https\r\n", "ours"},
        {"X-Forwarded-Proto: wss\r\n", "ours"},
        {"X-Forwarded-Proto:\r\n", "ours"},
        {"", "ours"},
    };
    for (const auto& [fields, scheme] : cases) {
        exchange one;
        one.context.trusted_peer = true;
        one.context.scheme = "ours";
        EXPECT_THAT(one.forward(get(fields)), HasSubstr("X-Forwarded-Proto: " + scheme + "\r\n")) << fields;
        one.context.trusted_peer = false;
        EXPECT_THAT(one.forward(get(fields)), HasSubstr("X-Forwarded-Proto: ours\r\n")) << fields;
    }
}

TEST(http_head_rewrite, a_token_in_a_cookie_goes_and_the_others_stay) {
    exchange one;
    one.route.credential_names = {{.cookie = "session"}};
    one.route.has_cookies = true;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"Cookie: a=b; session=t; c=d\r\n", "Cookie: a=b; c=d\r\n"},
        {"cookie: session=t\r\n", ""},
        {"Cookie: session=t\r\nCookie: a=b\r\nCookie: c; session=u\r\n", "Cookie: a=b\r\nCookie: c\r\n"},
        {"Cookie: Session=t; session\r\n", "Cookie: Session=t; session\r\n"},
    };
    for (const auto& [fields, left] : cases) {
        EXPECT_THAT(one.forward(get("X-A: b\r\n" + fields)), HasSubstr("X-A: b\r\n" + left + "X-Forwarded-For")) << fields;
    }
    one.route.forward_token = true;
    EXPECT_THAT(one.forward(get("Cookie: session=t\r\n")), HasSubstr("Cookie: session=t\r\n"));
    one.route.forward_token = false;
    one.route.auth = policies::rules::authentication::none;
    EXPECT_THAT(one.forward(get("Cookie: session=t\r\n")), HasSubstr("Cookie: session=t\r\n"));
}

TEST(http_head_rewrite, the_app_learns_which_prefix_was_removed) {
    exchange one;
    one.route.strip_prefix = true;
    one.route.segments = {{"api", false}, {"v", true}};
    const std::vector<std::pair<std::string, std::string>> cases{
        {"/api/v1/x", "/api/v1"}, {"/api/v1", "/api/v1"}, {"/api/v1/", "/api/v1"}, {"/api/a%20b/x/y", "/api/a%20b"}};
    for (const auto& [path, prefix] : cases) {
        one.context.path = path;
        EXPECT_THAT(one.forward(get("X-Forwarded-Prefix: /evil\r\n")),
                    AllOf(HasSubstr("X-Forwarded-Prefix: " + prefix + "\r\n"), Not(HasSubstr("evil"))));
    }
    one.context.path = "/api/v1/x";
    one.context.trusted_peer = true;
    EXPECT_THAT(one.forward(get("X-Forwarded-Prefix: /outer\r\n")), HasSubstr("X-Forwarded-Prefix: /outer/api/v1\r\n"));
    EXPECT_THAT(one.forward(get("X-Forwarded-Prefix: /outer/\r\n")), HasSubstr("X-Forwarded-Prefix: /outer/api/v1\r\n"));
    EXPECT_THAT(one.forward(get("X-Forwarded-Prefix: /\r\n")), HasSubstr("X-Forwarded-Prefix: /api/v1\r\n"));
    for (const std::string odd : {"outer", "//evil.test", "/a/../b", "/a//b", "/a b", "/%61", "https://evil.test/", "/a, /b", "/a?b",
                                  "/a\r\nX-Forwarded-Prefix: /b"}) {
        EXPECT_THAT(one.forward(get("X-Forwarded-Prefix: " + odd + "\r\n")), HasSubstr("X-Forwarded-Prefix: /api/v1\r\n")) << odd;
    }
    one.route.segments.clear();
    EXPECT_THAT(one.forward(get("")), Not(HasSubstr("X-Forwarded-Prefix"))) << "the root is no prefix";
}

TEST(http_head_rewrite, unusual_names_and_rewrites_are_dropped_unless_allowed) {
    const std::vector<std::string> rewrites{"X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-HTTP-Method",
                                            "X-Method-Override"};
    for (const auto& name : rewrites) {
        exchange one;
        EXPECT_THAT(one.forward(get(name + ": zzz\r\n")), Not(HasSubstr("zzz"))) << name;
        one.rules.headers.drop_rewrites = false;
        EXPECT_THAT(one.forward(get(name + ": zzz\r\n")), HasSubstr(name + ": zzz\r\n"));
    }
    exchange one;
    for (const std::string name : {"X_Env", "X.Env", "X~Env", "!", "X-Env*", "_"}) {
        EXPECT_THAT(one.forward(get(name + ": zzz\r\n")), Not(HasSubstr("zzz"))) << name;
    }
    one.rules.headers.drop_unusual_names = false;
    EXPECT_THAT(one.forward(get("X_Env: zzz\r\nX_Original_URL: yyy\r\n")), AllOf(HasSubstr("X_Env: zzz\r\n"), Not(HasSubstr("yyy"))));
}

TEST(http_head_rewrite, the_token_stays_only_where_the_route_forwards_it) {
    exchange one;
    EXPECT_THAT(one.forward(get("")), Not(HasSubstr("a.b.c")));
    one.route.forward_token = true;
    EXPECT_THAT(one.forward(get("")), HasSubstr("Authorization: Bearer a.b.c\r\n"));
    exchange open;
    open.route.auth = policies::rules::authentication::none;
    EXPECT_THAT(open.forward(get("")), HasSubstr("Authorization: Bearer a.b.c\r\n"));
}

TEST(http_head_rewrite, the_same_token_in_a_second_providers_field_goes_too) {
    exchange one;
    one.route.providers = {0, 1};
    one.route.credential_names = {{}, {.header = "Cf-Access-Jwt-Assertion", .query_parameter = "access_token"}};
    EXPECT_THAT(one.forward(get("Cf-Access-Jwt-Assertion: a.b.c\r\nX-Kept: a.b.c\r\n")),
                AllOf(HasSubstr("X-Kept: a.b.c\r\n"), Not(HasSubstr("Assertion")), Not(HasSubstr("Bearer"))));
}

TEST(http_head_rewrite, credentials_that_were_not_the_token_pass) {
    exchange one;
    one.route.auth = policies::rules::authentication::optional;
    EXPECT_THAT(one.forward("GET /p HTTP/1.1\r\nHost: a\r\nAuthorization: Basic eHg6eXk=\r\n\r\n"),
                HasSubstr("Authorization: Basic eHg6eXk=\r\n"));
}

TEST(http_head_rewrite, the_query_goes_on_without_the_token) {
    const auto line = [](const std::string& query) { return exchange{}.forward("GET /raw" + query + " HTTP/1.1\r\nHost: a\r\n\r\n"); };
    EXPECT_THAT(line("?access_token=a.b.c"), StartsWith("GET /p HTTP/1.1\r\n"));
    EXPECT_THAT(line("?x=%2f&access_token=a.b.c&y=+"), StartsWith("GET /p?x=%2f&y=+ HTTP/1.1\r\n"));
    EXPECT_THAT(exchange{}.forward(get("", "GET /p? HTTP/1.1")), StartsWith("GET /p? HTTP/1.1\r\n"));
    EXPECT_THAT(exchange{}.forward(get("", "OPTIONS * HTTP/1.1")), StartsWith("OPTIONS * HTTP/1.1\r\n"));
}

TEST(http_head_rewrite, framing_is_written_anew) {
    EXPECT_THAT(exchange{}.forward(get("content-length: 007\r\n", "POST /p HTTP/1.1")),
                AllOf(HasSubstr("Content-Length: 7\r\n"), Not(HasSubstr("007"))));
    EXPECT_THAT(exchange{}.forward(get("TRANSFER-encoding: Chunked\r\nTrailer: X-User-Id\r\n", "POST /p HTTP/1.1")),
                AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"), Not(HasSubstr("Trailer")), Not(HasSubstr("Content-Length"))));
    EXPECT_THAT(exchange{}.forward(get("Expect: 100-CONTINUE\r\nContent-Length: 1\r\n", "POST /p HTTP/1.1")),
                HasSubstr("Expect: 100-continue\r\n"));
    EXPECT_THAT(exchange{}.forward(get("TE: gzip, trailers\r\nConnection: TE\r\n")),
                AllOf(HasSubstr("TE: trailers\r\nConnection: TE\r\n"), Not(HasSubstr("gzip"))));
    EXPECT_THAT(exchange{}.forward(get("TE: gzip\r\n")), Not(HasSubstr("TE:")));
}

TEST(http_head_rewrite, host_is_the_clients_or_the_servers_own) {
    exchange one;
    one.context.upstream_host = "app.internal";
    EXPECT_THAT(one.forward(get("")), AllOf(HasSubstr("\r\nHost: app.internal\r\n"), HasSubstr("X-Forwarded-Host: app.example:8080\r\n")));
    EXPECT_THAT(exchange{}.forward("GET http://B.example/p HTTP/1.1\r\nHost: a\r\n" + std::string(token_line) + "\r\n"),
                AllOf(HasSubstr("\r\nHost: b.example\r\n"), HasSubstr("X-Forwarded-Host: b.example\r\n")));
    EXPECT_THAT(exchange{}.forward("GET /p HTTP/1.0\r\n" + std::string(token_line) + "\r\n"),
                AllOf(StartsWith("GET /p HTTP/1.1\r\nHost: \r\n"), Not(HasSubstr("X-Forwarded-Host"))));
}

std::string handshake(const std::string& fields) {
    return get("Upgrade: websocket\r\nConnection: keep-alive, Upgrade, Sec-WebSocket-Key\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n" +
               fields);
}

TEST(http_head_rewrite, a_handshake_keeps_its_own_fields_and_loses_token_entries) {
    exchange one;
    one.websocket = true;
    EXPECT_THAT(one.forward(handshake("Sec-WebSocket-Protocol: bearer, a.b.c, chat, v2\r\nX-User-Id: root\r\n")),
                AllOf(HasSubstr("Upgrade: websocket\r\nConnection: Upgrade\r\n"),
                      HasSubstr("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), HasSubstr("Sec-WebSocket-Version: 13\r\n"),
                      HasSubstr("Sec-WebSocket-Extensions: permessage-deflate\r\n"), HasSubstr("Sec-WebSocket-Protocol: chat, v2\r\n"),
                      Not(HasSubstr("a.b.c")), Not(HasSubstr("root"))));
    EXPECT_THAT(one.forward(handshake("Sec-WebSocket-Protocol: bearer, a.b.c\r\n")), Not(HasSubstr("Sec-WebSocket-Protocol")));
}

TEST(http_head_rewrite, a_public_handshake_passes_its_subprotocols_as_received) {
    exchange one;
    one.websocket = true;
    one.route.auth = policies::rules::authentication::none;
    EXPECT_THAT(one.forward(handshake("Sec-WebSocket-Protocol: bearer, a.b.c\r\n")),
                HasSubstr("Sec-WebSocket-Protocol: bearer, a.b.c\r\n"));
}

TEST(http_head_rewrite, an_upgrade_that_is_no_handshake_is_dropped) {
    const auto out = exchange{}.forward(get("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n"));
    EXPECT_THAT(out, AllOf(Not(HasSubstr("Upgrade")), Not(HasSubstr("h2c")), Not(HasSubstr("HTTP2"))));
}

TEST(http_head_rewrite, only_plain_request_ids_are_taken_over) {
    const auto id = [](const std::string& value) {
        const auto raw = "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + value + "\r\n\r\n";
        request_head head;
        EXPECT_EQ(parse_request_head(raw, {}, head).state, head_state::complete);
        return std::string(accept_request_id(head));
    };
    EXPECT_EQ(id("aZ9._-"), "aZ9._-");
    EXPECT_EQ(id(std::string(128, 'a')), std::string(128, 'a'));
    for (const std::string& value : {std::string(129, 'a'), std::string("a b"), std::string("a\"b"), std::string("a,b"),
                                     std::string("\xc3\xa4"), std::string(), std::string("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl")}) {
        EXPECT_EQ(id(value), "") << value;
    }
    EXPECT_EQ(id("a.b.c"), "a.b.c");
}

/// The lines of a family, in order.
std::string lines_of(const std::string& head, std::string_view family) {
    std::string lines;
    for (std::size_t at = 0; at < head.size();) {
        const auto end = head.find("\r\n", at);
        const auto line = head.substr(at, end - at);
        lines += equal_names(line.substr(0, family.size()), family) ? line + "|" : "";
        at = end + 2;
    }
    return lines;
}

TEST(http_head_rewrite, a_trusted_proxy_speaks_for_the_client) {
    exchange x;
    x.context.trusted_peer = true;
    const auto out = x.forward(get("X-Forwarded-For: 198.51.100.1, 10.0.0.2\r\nx-forwarded-for: 10.0.0.3\r\nX-Forwarded-Proto: https\r\n"
                                   "X-Forwarded-Host: shop.example\r\nX-Forwarded-Port: 443\r\nForwarded: for=198.51.100.1\r\n"
                                   "X-Real-Ip: 198.51.100.1\r\nConnection: X-Forwarded-For\r\n"));
    EXPECT_EQ(lines_of(out, "X-Forwarded-"), "X-Forwarded-Port: 443|X-Forwarded-For: 198.51.100.1, 10.0.0.2, 10.0.0.3, 192.0.2.7|"
                                             "X-Forwarded-Proto: https|X-Forwarded-Host: shop.example|");
    EXPECT_THAT(out, AllOf(HasSubstr("\r\nForwarded: for=198.51.100.1\r\n"), HasSubstr("\r\nX-Real-Ip: 198.51.100.1\r\n")));
    EXPECT_THAT(out, HasSubstr("\r\nHost: app.example:8080\r\n")) << "X-Forwarded-Host never is the Host";
}

TEST(http_head_rewrite, of_a_trusted_proxy_that_says_two_things_neither_is_believed) {
    exchange x;
    x.context.trusted_peer = true;
    x.rules.headers.drop_unusual_names = false;
    const auto out = x.forward(get("X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: evil.example, shop.example\r\n"
                                   "X_Forwarded_For: 203.0.113.9\r\nX_Forwarded-User: root\r\n"));
    EXPECT_EQ(lines_of(out, "X-Forwarded-"), "X-Forwarded-For: 192.0.2.7|X-Forwarded-Proto: http|X-Forwarded-Host: app.example:8080|");
    EXPECT_EQ(lines_of(out, "X_"), "");
}

TEST(http_head_rewrite, over_a_trusted_unix_socket_no_hop_is_added) {
    exchange x;
    x.context.trusted_peer = true;
    x.context.peer_address = {};
    EXPECT_EQ(lines_of(x.forward(get("X-Forwarded-For: 198.51.100.1\r\n")), "X-Forwarded-For"), "X-Forwarded-For: 198.51.100.1|");
    EXPECT_EQ(lines_of(x.forward(get("")), "X-Forwarded-For"), "");
}

TEST(http_head_rewrite, a_route_replaces_and_removes_headers_in_every_spelling) {
    exchange x;
    x.rules.headers.drop_unusual_names = false;
    x.route.request_headers = {.added = {{"X-Env", "prod"}, {"X-Forwarded-Proto", "https"}}, .removed = {"Cookie", "X-Forwarded-Host"}};
    const auto out = x.forward(get("x-env: dev\r\nX_Env: dev\r\nCOOKIE: a=b\r\nAccept: */*\r\nConnection: X-Env\r\n"));
    EXPECT_EQ(out, "GET /p HTTP/1.1\r\n"
                   "Host: app.example:8080\r\n"
                   "Accept: */*\r\n"
                   "X-Forwarded-For: 192.0.2.7\r\n"
                   "X-Request-Id: r-1\r\n"
                   "X-Env: prod\r\n"
                   "X-Forwarded-Proto: https\r\n"
                   "X-User-Id: u-1\r\n"
                   "X-Tenant-Id: t-1\r\n"
                   "X-User-Roles: a%2Cadmin,editor\r\n"
                   "\r\n");
}

TEST(http_head_rewrite, the_prefix_is_removed_where_the_route_says_so) {
    exchange x;
    x.route.strip_prefix = true;
    x.route.pattern = "/p";
    x.route.segments = {{.text = "p"}};
    EXPECT_THAT(x.forward(get("", "GET /p?a=b HTTP/1.1")), StartsWith("GET /?a=b HTTP/1.1\r\n"));
    x.context.path = "/p/x//y";
    EXPECT_THAT(x.forward(get("")), StartsWith("GET /x//y HTTP/1.1\r\n"));
    EXPECT_THAT(x.forward(get("", "OPTIONS * HTTP/1.1")), StartsWith("OPTIONS * HTTP/1.1\r\n"));
}

class verified_certificate final : public policies::requests::client_certificate {
public:
    [[nodiscard]] std::string_view sha256() const override { return "AAAA"; }
    [[nodiscard]] const policies::jose::certificate_names* names() const override { return &names_; }

private:
    policies::jose::certificate_names names_{.subject = "CN=one", .dns = {"a.test", "b.test"}, .uris = {}};
};

TEST(http_head_rewrite, the_clients_certificate_is_told_whoever_asks) {
    const verified_certificate shown;
    exchange one;
    one.rules.tells_certificates = true;
    one.context.certificate = &shown;
    const std::string told = "X-certificate.subject: CN=one\r\nX-certificate.dns: a.test,b.test\r\nX-certificate.sha256: 000000\r\n\r\n";
    EXPECT_THAT(one.forward(get("")), AllOf(HasSubstr("X-User-Id: u-1\r\n"), HasSubstr(told)));
    one.route.auth = policies::rules::authentication::none;
    EXPECT_THAT(one.forward(get("")), AllOf(Not(HasSubstr("X-User-Id")), HasSubstr(told)));
    one.context.certificate = nullptr;
    EXPECT_THAT(one.forward(get("")), Not(HasSubstr("X-certificate")));
}

} // namespace
} // namespace bearward::proxy::http
