#include "proxy/admin/dispatch.hpp"
#include "proxy/admin/endpoint_table.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::proxy {
namespace {

using testing::ElementsAre;

/// A table that isn't the program's: /both has two rows.
constexpr std::array<admin_endpoint, 4> rows{{
    {.path = "/read", .for_probes = true},
    {.path = "/change", .methods = admin_methods::post},
    {.path = "/both", .methods = admin_methods::get_head},
    {.path = "/both", .methods = admin_methods::post, .available = [](const admin_source& source) { return bool(source.reload); }},
}};

admin_source with_reload() {
    return {.why_not_ready = {},
            .status = {},
            .metrics = {},
            .config = {},
            .assertion_keys = {},
            .reload = [](const reload_answer&) {},
            .revoke = [](const providers::revocation_order&, const providers::revocation_answer&) {},
            .hand_over = [](owned_descriptor) {},
            .open_guarded = [](const guarded_question&, const guarded_answer&) {},
            .routes = [] { return std::vector<admin_page::route_facts>{}; },
            .explain = {}};
}

/// "2" for the row, else "404" or "405 Allow".
std::string find(std::string_view method, std::string_view path, admin_scope scope = admin_scope::everything,
                 const admin_source& source = with_reload()) {
    const auto found = find_endpoint(rows, method, path, source, scope);
    if (found) {
        return std::to_string(*found - rows.data());
    }
    return std::to_string(found.error().status) + (found.error().allow.empty() ? "" : " " + found.error().allow);
}

TEST(find_endpoint, finds_the_row_of_a_path_and_a_method) {
    EXPECT_EQ(find("GET", "/read"), "0");
    EXPECT_EQ(find("HEAD", "/read"), "0");
    EXPECT_EQ(find("POST", "/change"), "1");
    EXPECT_EQ(find("HEAD", "/both"), "2");
    EXPECT_EQ(find("POST", "/both"), "3");
}

TEST(find_endpoint, another_method_is_answered_with_those_of_the_path) {
    EXPECT_EQ(find("POST", "/read"), "405 GET, HEAD");
    EXPECT_EQ(find("get", "/read"), "405 GET, HEAD");
    EXPECT_EQ(find("OPTIONS", "/read"), "405 GET, HEAD");
    EXPECT_EQ(find("GET", "/change"), "405 POST");
    EXPECT_EQ(find("HEAD", "/change"), "405 POST");
    EXPECT_EQ(find("DELETE", "/both"), "405 GET, HEAD, POST");
}

TEST(find_endpoint, another_path_is_not_found) {
    for (const char* path : {"", "/", "/rea", "/read/", "/READ", "/read/x", "read", "*"}) {
        EXPECT_EQ(find("GET", path), "404") << path;
        EXPECT_EQ(find("POST", path), "404") << path;
    }
}

TEST(find_endpoint, rows_that_the_listener_does_not_offer_are_not_there) {
    EXPECT_EQ(find("GET", "/read", admin_scope::probes), "0");
    EXPECT_EQ(find("POST", "/read", admin_scope::probes), "405 GET, HEAD");
    EXPECT_EQ(find("POST", "/change", admin_scope::probes), "404");
    EXPECT_EQ(find("GET", "/change", admin_scope::probes), "404");
    EXPECT_EQ(find("POST", "/both", admin_scope::everything, {}), "405 GET, HEAD") << "what it needs is not there";
}

TEST(dispatch, looks_at_the_host_then_for_the_row_then_whether_a_page_could_have_sent_it) {
    struct asked {
        std::string_view method, target, host;
        bool origin;
        unsigned status; ///< 0: a row
    };
    const std::array<std::string_view, 1> json{"application/json"};
    for (const asked& each : {
             asked{"GET", "/read?more=1", "localhost", false, 0},
             asked{"GET", "/read", "localhost", true, 0}, // reading needs none of it
             asked{"GET", "/nothing", "evil.example", true, 403},
             asked{"GET", "/nothing", "localhost", true, 404},
             asked{"GET", "/change", "localhost", true, 405},
             asked{"POST", "/change", "localhost", true, 403},
             asked{"POST", "/change?x", "localhost", false, 0},
         }) {
        const std::array<std::string_view, 1> hosts{each.host};
        const admin_request request{
            .method = each.method, .target = each.target, .hosts = hosts, .content_types = json, .has_origin = each.origin};
        const auto found = dispatch(rows, request, {}, {}, admin_scope::everything);
        EXPECT_EQ(found ? 0 : found.error().status, each.status) << each.method << ' ' << each.target << ' ' << each.host;
    }
}

/// "GET /path" of each row that a listener has.
std::vector<std::string> offered(admin_scope scope, const admin_source& source) {
    std::vector<std::string> all;
    for (const auto& each : admin_endpoints()) {
        if (each.offered(scope, source)) {
            all.push_back((each.methods == admin_methods::post ? "POST " : "GET ") + std::string(each.path));
        }
    }
    return all;
}

TEST(admin_endpoints, are_the_documented_ones) {
    EXPECT_THAT(offered(admin_scope::everything, with_reload()),
                ElementsAre("GET /", "GET /healthz", "GET /readyz", "GET /metrics", "GET /status", "GET /sockets", "GET /config",
                            "GET /jwks.json", "POST /reload", "POST /revoke", "POST /takeover"));
    EXPECT_THAT(offered(admin_scope::probes, with_reload()), ElementsAre("GET /healthz", "GET /readyz", "GET /metrics"));
    EXPECT_THAT(offered(admin_scope::everything, {}), testing::Not(testing::Contains("POST /reload"))) << "nobody reloads";
}

TEST(admin_endpoints, no_two_rows_answer_the_same) {
    const auto source = with_reload();
    for (const auto& each : admin_endpoints()) {
        ASSERT_NE(each.answer, nullptr) << each.path;
        const auto found = find_endpoint(admin_endpoints(), each.methods == admin_methods::post ? "POST" : "GET", each.path, source,
                                         admin_scope::everything);
        EXPECT_EQ(found.value(), &each) << each.path;
    }
}

/// What a handler replies that doesn't wait.
admin_reply reply_of(std::string_view path, const admin_source& source) {
    const auto found = find_endpoint(admin_endpoints(), "GET", path, source, admin_scope::everything);
    boost::asio::io_context context;
    admin_reply made;
    const admin_request request{.method = "GET", .target = path, .hosts = {}};
    boost::asio::co_spawn(context, found.value()->answer(request, source), [&made](const std::exception_ptr& failure, admin_reply reply) {
        EXPECT_EQ(failure, nullptr);
        made = std::move(reply);
    });
    context.run();
    return made;
}

TEST(admin_endpoints, reply_with_json_or_text) {
    const admin_source source{.why_not_ready = [] { return std::optional<std::string>("no keys"); },
                              .status = [] { return boost::json::object{{"version", "1"}}; },
                              .metrics = [] { return std::string("a 1\n"); },
                              .config = [] { return boost::json::object{{"listen", 1}}; },
                              .assertion_keys = [] { return boost::json::object{{"keys", boost::json::array{}}}; },
                              .reload = {}};
    struct expected {
        std::string_view path;
        unsigned status;
        std::string_view body, content_type;
    };
    for (const expected& each : {
             expected{"/healthz", 200, "{\"status\":\"ok\"}\n", "application/json"},
             expected{"/readyz", 503, "{\"status\":\"not ready\",\"reason\":\"no keys\"}\n", "application/json"},
             expected{"/metrics", 200, "a 1\n", "text/plain; version=0.0.4; charset=utf-8"},
             expected{"/status", 200, "{\"version\":\"1\"}\n", "application/json"},
             expected{"/config", 200, "{\"listen\":1}\n", "application/json"},
             expected{"/jwks.json", 200, "{\"keys\":[]}\n", "application/json"},
         }) {
        const auto reply = reply_of(each.path, source);
        EXPECT_EQ(reply.status, each.status) << each.path;
        EXPECT_EQ(reply.body, each.body) << each.path;
        EXPECT_EQ(reply.content_type, each.content_type) << each.path;
        EXPECT_EQ(reply.allow, "") << each.path;
    }
}

} // namespace
} // namespace bearward::proxy
