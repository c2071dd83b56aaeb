// `bearward import` may refuse what the peer lets through, and never the other way round: small
// configurations, and what becomes of requests under the result.
#include "config/configuration.hpp"
#include "proxy/commands/import/import_configuration.hpp"
#include "proxy/commands/policy_tests.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace bearward::proxy::commands::importing {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// "200 public": what a request without a credential gets by the result.
std::string answer(const import_result& from, const std::string& path, const std::string& method = "GET",
                   const std::string& host = "localhost") {
    if (!from.text) {
        return from.notes.empty() ? "nothing" : from.notes.front().what;
    }
    const std::string text = *from.text;
    const std::string rules = text.substr(0, text.find("\ntests:\n") + 1);
    for (const char* status : {"200", "401", "403", "404", "405"}) {
        const std::string test = "tests:\n  - {request: {path: \"" + path + "\", method: " + method + ", host: " + host +
                                 "}, expect: {status: " + status + "}}\n";
        auto loaded = config::load_text(rules + test, "bearward.yaml", {.offline = true});
        if (!loaded.loaded) {
            return to_string(loaded.diagnostics.front());
        }
        counter_registry counted_nowhere(1);
        const serving served(std::move(*loaded.loaded), counted_nowhere, purpose::judge);
        if (run_policy_tests(served).front().differences.empty()) {
            return status;
        }
    }
    return "another";
}

import_result nginx(const std::string& inside) {
    return import_configuration(peer::nginx, "server {\nlisten 8080;\n" + inside + "}\n", "nginx.conf");
}
constexpr const char* forward = "proxy_pass http://127.0.0.1:8000;";

import_result envoy(const std::string& rules, const std::string& more_filters = "") {
    return import_configuration(peer::envoy, R"(
static_resources:
  clusters:
  - {name: app, load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 8000}}}}]}]}}
  listeners:
  - address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": x.HttpConnectionManager
          route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: app}}]}]}
          http_filters:
          - name: envoy.filters.http.jwt_authn
            typed_config:
              "@type": x.JwtAuthentication
              providers:
                a: {issuer: "https://a.test/", audiences: [x], payload_in_metadata: p, remote_jwks: {http_uri: {uri: "https://a.test/k"}}}
                b: {issuer: "https://b.test/", audiences: [x], remote_jwks: {http_uri: {uri: "https://b.test/k"}}}
              rules: )" + rules + "\n" + more_filters,
                                "envoy.yaml");
}

import_result oauth2_proxy(const std::string& more) {
    return import_configuration(
        peer::oauth2_proxy,
        "provider = \"oidc\"\noidc_issuer_url = \"https://id.test/\"\nclient_id = \"c\"\nupstreams = [\"http://127.0.0.1:8000/\"]\n" + more,
        "x.cfg");
}

TEST(import_nginx, a_stricter_prefix_that_ends_within_a_segment_closes_what_is_around_it) {
    const auto made = nginx(std::string("location / {") + forward + "} location /api { auth_request /v; " + forward + "}");
    EXPECT_EQ(answer(made, "/apix"), "401");
    EXPECT_TRUE(made.opens());
    const auto whole = nginx(std::string("location / {") + forward + "} location /api/ { auth_request /v; " + forward + "}");
    EXPECT_EQ(answer(whole, "/apix"), "200");
    EXPECT_EQ(answer(whole, "/api/x"), "401");
    EXPECT_FALSE(whole.opens());
}

TEST(import_nginx, a_laxer_prefix_is_narrowed) {
    const auto made =
        nginx(std::string("auth_request /v; location / {") + forward + "} location /pub { auth_request off; " + forward + "}");
    EXPECT_EQ(answer(made, "/pub"), "200");
    EXPECT_EQ(answer(made, "/pub/x"), "200");
    EXPECT_EQ(answer(made, "/public"), "401");
    EXPECT_FALSE(made.opens());
}

TEST(import_nginx, a_regular_expression_that_refuses_closes_all_that_it_could_match) {
    const auto made = nginx(std::string("location / {") + forward + R"(} location ~ ^/files/.*\.key$ { deny all; )" + forward + "}");
    EXPECT_EQ(answer(made, "/files/a.key"), "401");
    EXPECT_EQ(answer(made, "/files/a.txt"), "401");
    EXPECT_EQ(answer(made, "/other"), "200");
    EXPECT_TRUE(made.opens());
    const auto anywhere = nginx(std::string("location / {") + forward + R"(} location ~* \.key$ { deny all; )" + forward + "}");
    EXPECT_EQ(answer(anywhere, "/x/a.KEY"), "401");
    const auto final = nginx(std::string("location ^~ / {") + forward + R"(} location ~* \.key$ { deny all; )" + forward + "}");
    EXPECT_EQ(answer(final, "/x/a.key"), "200") << "no regular expression is tried behind ^~";
}

TEST(import_nginx, what_may_refuse_and_is_not_understood_is_closed) {
    for (const char* rule :
         {"deny all;", "deny 1.2.3.4; allow all;", "auth_basic x;", "include other.conf;", "access_by_lua_block { return; }",
          "if ($x) { return 403; }", "valid_referers none;", "rewrite ^ /x;", "internal;", "auth_jwt x; auth_request /v;",
          "auth_jwt x; auth_jwt_require $y;", "auth_request /v?x=y;", "limit_except GET { allow 1.2.3.4; }"}) {
        const auto made = nginx(std::string("location / {") + rule + forward + "}");
        EXPECT_EQ(answer(made, "/"), "401") << rule;
        EXPECT_TRUE(made.opens() || std::string(rule) == "internal;") << rule;
    }
    EXPECT_EQ(answer(nginx(std::string("location / { allow all; include mime.types; gzip on; ") + forward + "}"), "/"), "200");
}

TEST(import_nginx, methods_that_are_excepted_are_refused) {
    const auto made = nginx(std::string("location / { limit_except GET POST { deny all; } ") + forward + "}");
    EXPECT_EQ(answer(made, "/x"), "200");
    EXPECT_EQ(answer(made, "/x", "HEAD"), "200");
    EXPECT_EQ(answer(made, "/x", "DELETE"), "401");
    EXPECT_FALSE(made.opens());
}

TEST(import_nginx, the_server_of_a_host_has_its_own_rules_for_every_path) {
    const auto made = import_configuration(
        peer::nginx,
        "server { listen 80; server_name open.test; location / { proxy_pass http://127.0.0.1:1; }"
        "  location /x/ { proxy_pass http://127.0.0.1:1; } }\n"
        "server { listen 80; server_name shut.test; auth_request /v; location / { proxy_pass http://127.0.0.1:2; } }\n",
        "nginx.conf");
    EXPECT_EQ(answer(made, "/x/1", "GET", "open.test"), "200");
    EXPECT_EQ(answer(made, "/x/1", "GET", "any.test"), "200") << "the first server is the default";
    EXPECT_EQ(answer(made, "/x/1", "GET", "shut.test"), "401");
}

TEST(import_nginx, what_is_no_configuration_is_refused_as_a_whole) {
    for (const char* text : {"server {", "}", "server { listen 80 }", "a \"b;", ";", "{ }", "a 'b'c;"}) {
        EXPECT_FALSE(import_configuration(peer::nginx, text, "x").text) << text;
    }
    EXPECT_FALSE(import_configuration(peer::nginx, std::string("a\0b;", 4), "x").text);
    std::string deep;
    for (int i = 0; i < 100; ++i) {
        deep += "a {";
    }
    EXPECT_FALSE(import_configuration(peer::nginx, deep + std::string(100, '}'), "x").text);
}

TEST(import_envoy, the_first_rule_counts) {
    const auto made = envoy("[{match: {prefix: /}, requires: {provider_name: a}}, {match: {prefix: /pub}}]");
    EXPECT_EQ(answer(made, "/pub/x"), "401") << "the first rule took it";
    const auto other = envoy("[{match: {prefix: /pub/}}, {match: {prefix: /}, requires: {provider_name: a}}]");
    EXPECT_EQ(answer(other, "/pub/x"), "200");
    EXPECT_EQ(answer(other, "/pub"), "401");
    EXPECT_FALSE(other.opens());
}

TEST(import_envoy, what_no_rule_is_for_is_public_there_and_here) {
    const auto made = envoy("[{match: {path_separated_prefix: /api}, requires: {provider_name: a}}]");
    EXPECT_EQ(answer(made, "/"), "200");
    EXPECT_EQ(answer(made, "/api"), "401");
    EXPECT_EQ(answer(made, "/apis"), "200");
    EXPECT_FALSE(made.opens());
}

TEST(import_envoy, requirements_that_can_not_be_meant_are_closed) {
    for (const char* requirement :
         {"{requires_all: {requirements: [{provider_name: a}, {provider_name: b}]}}", "{provider_name: unknown}",
          "{requires_any: {requirements: []}}", "{something: else}", "text", "[]", "{provider_name: a, allow_missing: {}}"}) {
        const auto made = envoy(std::string("[{match: {prefix: /}, requires: ") + requirement + "}]");
        EXPECT_EQ(answer(made, "/"), "401") << requirement;
        EXPECT_THAT(*made.text, HasSubstr("providers: [closed]")) << requirement;
        EXPECT_TRUE(made.opens()) << requirement;
    }
}

TEST(import_envoy, rules_with_conditions_count_wherever_they_could) {
    const auto made = envoy("[{match: {prefix: /, headers: [{name: x, exact_match: y}]}, requires: {provider_name: a}}]");
    EXPECT_EQ(answer(made, "/"), "401");
    EXPECT_TRUE(made.opens());
    const auto lax =
        envoy("[{match: {prefix: /, headers: [{name: x, exact_match: y}]}}, {match: {prefix: /}, requires: {provider_name: a}}]");
    EXPECT_EQ(answer(lax, "/"), "401");
    EXPECT_FALSE(lax.opens());
    const auto method = envoy(R"([{match: {prefix: /, headers: [{name: ":method", exact_match: POST}]}, requires: {provider_name: a}}])");
    EXPECT_EQ(answer(method, "/", "POST"), "401");
    EXPECT_EQ(answer(method, "/", "GET"), "200");
}

TEST(import_envoy, a_filter_that_may_refuse_closes_everything) {
    for (const char* name :
         {"envoy.filters.http.ext_authz", "envoy.filters.http.lua", "envoy.filters.http.wasm", "envoy.filters.http.oauth2", "made.up"}) {
        const auto made = envoy("[]", std::string("          - name: ") + name + "\n            typed_config: {\"@type\": x}\n");
        EXPECT_EQ(answer(made, "/"), "401") << name;
        EXPECT_TRUE(made.opens()) << name;
    }
}

TEST(import_envoy, rbac_on_what_is_no_claim_lets_nobody_in) {
    const auto rbac = [](const std::string& action, const std::string& principal) {
        return "          - name: envoy.filters.http.rbac\n            typed_config: {\"@type\": x.RBAC, rules: {action: " + action +
               ", policies: {p: {permissions: [{any: true}], principals: [" + principal + "]}}}}\n";
    };
    EXPECT_EQ(answer(envoy("[]", rbac("ALLOW", "{any: true}")), "/"), "200");
    EXPECT_EQ(answer(envoy("[]", rbac("DENY", "{any: true}")), "/"), "401");
    for (const char* action : {"ALLOW", "DENY", "UNKNOWN"}) {
        const auto made = envoy("[]", rbac(action, "{remote_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}"));
        EXPECT_EQ(answer(made, "/"), "401") << action;
        EXPECT_TRUE(made.opens()) << action;
    }
    const char* claim =
        "{metadata: {filter: envoy.filters.http.jwt_authn, path: [{key: p}, {key: role}], value: {string_match: {exact: admin}}}}";
    EXPECT_THAT(*envoy("[{match: {prefix: /}, requires: {provider_name: a}}]", rbac("ALLOW", claim)).text,
                HasSubstr("require: {all: [{claims: {role: admin}}, {claims: {iss: \"https://a.test/\"}}]}"))
        << "the other provider has no payload of that name";
    EXPECT_THAT(*envoy("[]", rbac("ALLOW", claim)).text, HasSubstr("providers: [closed]"))
        << "no token is required that could have the claim";
}

TEST(import_oauth2_proxy, only_paths_and_beginnings_are_opened) {
    const auto made = oauth2_proxy(R"(email_domains = ["*"]
skip_auth_routes = ['^/pub/', 'GET=^/health$', '/anywhere', '^/a|/b', '^/x.*y$', 'POST!=^/z$', '^/v[0-9]+/'])");
    EXPECT_EQ(answer(made, "/pub/x"), "200");
    EXPECT_EQ(answer(made, "/health"), "200");
    EXPECT_EQ(answer(made, "/health", "POST"), "401");
    for (const char* path : {"/", "/pubx", "/anywhere", "/a", "/b", "/x1y", "/z", "/v1/", "/healthx"}) {
        EXPECT_EQ(answer(made, path), "401") << path;
    }
    EXPECT_FALSE(made.opens());
}

TEST(import_oauth2_proxy, who_may_come_in_and_can_not_be_known_is_nobody) {
    for (const char* rule : {"github_org = \"x\"", "google_groups = [\"x\"]", "authenticated_emails_file = \"x\"", "something_new = true",
                             "email_domains = []"}) {
        const auto made = oauth2_proxy(std::string(rule).starts_with("auth") || std::string(rule).starts_with("email")
                                           ? rule
                                           : std::string("email_domains = [\"*\"]\n") + rule);
        EXPECT_THAT(*made.text, HasSubstr("providers: [closed]")) << rule;
        EXPECT_TRUE(made.opens()) << rule;
    }
}

TEST(import_oauth2_proxy, broken_files_are_refused_as_a_whole) {
    for (const char* text : {"a = ", "a = \"b", "a = [\"b\"", "a = \"b\" c", "[section]\na = 1", "a = 1\na = 2", "a = \"\"\"b\"\"\"",
                             "a = \"\\u0041\"", "- 1", "a: [", "a: 1\na: 2"}) {
        EXPECT_FALSE(import_configuration(peer::oauth2_proxy, text, "x").text) << text;
    }
}

TEST(import_configuration, what_the_peer_says_stays_one_value) {
    const auto made =
        oauth2_proxy("email_domains = [\"*\"]\nallowed_groups = [\"${HOME}\", \"a\\\"b: {c}\", \"x\\n  - y\", \"# z\", \"true\", \"~\"]\n");
    ASSERT_TRUE(made.text);
    EXPECT_THAT(*made.text, AllOf(HasSubstr("\"$${HOME}\""), Not(HasSubstr("\"${HOME}\"")), HasSubstr("\"x\\x0a  - y\"")));
    const auto loaded = config::load_text(
        *made.text, "x", {.offline = true, .environment = [](const std::string&) { return std::optional<std::string>("substituted"); }});
    for (const auto& each : loaded.diagnostics) { // the loader's own word on a group with a line end
        EXPECT_THAT(to_string(each), HasSubstr("control characters may not stand here"));
    }
    const auto name = import_configuration(peer::nginx, "server { location / { proxy_pass http://127.0.0.1:1; } }", "a\nversion: 2\n#");
    EXPECT_TRUE(config::load_text(*name.text, "x", {.offline = true}).loaded);
}

TEST(import_configuration, every_line_that_is_not_translated_is_listed) {
    const auto made = oauth2_proxy("email_domains = [\"*\"]\ncookie_name = \"x\"\nunheard_of = 1\n");
    std::set<int> lines;
    for (const note& each : made.notes) {
        lines.insert(each.line);
    }
    EXPECT_TRUE(lines.contains(6) && lines.contains(7));
    EXPECT_THAT(*made.text, AllOf(HasSubstr("# ATTENTION"), HasSubstr("line 7: OPENS: unheard_of"), HasSubstr("line 6: cookie_name")));
}

} // namespace
} // namespace bearward::proxy::commands::importing
