// The whole decision, step by step, with tokens from a table instead of from
// signatures.
#include "policies/decide.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};

// Headers {"alg":"RS256"}, payloads {"iss":"https://a/"}, {"iss":"https://b/"}, {}.
constexpr std::string_view token_of_a = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2EvIn0.c2ln";
constexpr std::string_view token_of_b = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2IvIn0.c2ln";
constexpr std::string_view token_of_none = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";

static_assert(!std::is_default_constructible_v<permit>, "only decide() makes permits");

/// Knows tokens by provider and text; remembers what it was asked.
class table_source final : public outside {
public:
    table_source() : outside(policies::now) {}
    using outside::set_now;
    verification verify(const provider& by, std::string_view token) override {
        asked.push_back(by.rules.provider + ":" + std::string(token));
        const auto found = known.find(asked.back());
        if (found == known.end()) {
            return std::unexpected(refusal(reason::signature_invalid));
        }
        return found->second;
    }

    std::map<std::string, tokens::verified_token_ptr> known;
    std::vector<std::string> asked;
};

tokens::verified_token_ptr make_token(std::string user, std::string tenant, std::vector<std::string> roles,
                                      std::optional<time_point> expires = now + 60s) {
    tokens::verified_token made;
    made.who.provider = "main";
    made.who.user = std::move(user);
    made.who.tenant = std::move(tenant);
    made.who.roles = std::move(roles);
    made.who.scopes = {"read"};
    made.who.expires = expires;
    made.expires = expires;
    return std::make_shared<const tokens::verified_token>(std::move(made));
}

provider make_provider(std::string name, std::optional<std::string> issuer = {}, requests::credential_names names = {}) {
    provider made;
    made.rules.provider = std::move(name);
    if (issuer) {
        made.rules.issuers.emplace_back(*issuer);
    }
    made.names = std::move(names);
    return made;
}

class decide_test : public ::testing::Test {
protected:
    decide_test() {
        rules.providers.push_back(make_provider("main"));
        source.known["main:good"] = make_token("u-1", "t-1", {"reader"});
        source.known["main:admin"] = make_token("u-2", "t-1", {"admin"});
        source.known["main:old"] = make_token("u-1", "t-1", {"reader"}, now - 60s);
    }

    rules::route& add(std::string_view pattern) {
        rules::route made;
        made.name = pattern;
        made.pattern = pattern;
        made.segments = rules::parse_pattern(pattern).value();
        made.providers = {0};
        made.credential_names = {requests::credential_names{}};
        routes.push_back(std::move(made));
        return routes.back();
    }

    void authorize(std::string_view token) {
        authorization = "Bearer " + std::string(token);
        headers = {{"Authorization", authorization}};
    }
    void offer(std::string_view line) {
        websocket = true;
        headers.push_back({"Sec-WebSocket-Protocol", line});
    }

    decision run(std::string_view path, time_point at = now) {
        rules.routes = rules::route_table(routes);
        requests::request_view request;
        request.method = method;
        const auto parsed = requests::parse_path(path, {.ambiguous = rules.ambiguous}, paths);
        EXPECT_TRUE(parsed) << path;
        request.path = parsed.value_or(requests::canonical_path{});
        request.query = query;
        request.host = "example.com";
        request.websocket = websocket;
        request.headers = headers;
        source.set_now(at);
        return decide(request, rules, source, on_need::tell, scratch);
    }

    permit permitted(std::string_view path, time_point at = now) {
        decision made = run(path, at);
        if (const denial* refusal = std::get_if<denial>(&made)) {
            throw std::runtime_error("denied: " + std::string(to_string(refusal->why)));
        }
        return std::get<permit>(std::move(made));
    }

    denial denied(std::string_view path, time_point at = now) {
        decision made = run(path, at);
        if (std::holds_alternative<permit>(made)) {
            throw std::runtime_error("permitted");
        }
        return std::get<denial>(std::move(made));
    }

    std::vector<rules::route> routes;
    snapshot rules;
    table_source source;
    std::vector<requests::header> headers;
    std::string authorization;
    std::string query;
    std::string_view method = "GET";
    bool websocket = false;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
};

TEST_F(decide_test, no_route_and_no_method_are_denied_without_looking_at_tokens) {
    add("/a").methods = {"GET"};
    authorize("good");
    EXPECT_EQ(denied("/b").why, reason::no_route);
    method = "POST";
    const denial refusal = denied("/a");
    EXPECT_EQ(refusal.why, reason::method_not_allowed);
    EXPECT_THAT(refusal.allow, ElementsAre("GET", "HEAD"));
    EXPECT_EQ(refusal.route, nullptr);
    EXPECT_THAT(source.asked, IsEmpty());
}

TEST_F(decide_test, a_good_token_is_permitted_with_its_identity_and_removed) {
    add("/");
    authorize("good");
    query = "access_token=untouched";
    const permit leave = permitted("/x");
    EXPECT_EQ(leave.why(), reason::ok);
    ASSERT_NE(leave.who(), nullptr);
    EXPECT_EQ(leave.who()->user, "u-1");
    EXPECT_EQ(leave.route().name, "/");
    EXPECT_EQ(leave.token_header(), "Authorization");
    EXPECT_EQ(leave.query(), query) << "the query is no place on this route";
    EXPECT_EQ(leave.observed(), reason::ok);
    EXPECT_EQ(leave.expires(), now + 60s + 30s) << "exp and the clock skew";
}

TEST_F(decide_test, an_identity_outlives_who_verified_it) {
    add("/");
    authorize("good");
    const std::shared_ptr<const identity> who = permitted("/").share_identity();
    source.known.clear();
    EXPECT_EQ(who->tenant, "t-1");
}

TEST_F(decide_test, a_missing_token_is_denied) {
    add("/");
    const denial refusal = denied("/");
    EXPECT_EQ(refusal.why, reason::token_missing);
    ASSERT_NE(refusal.route, nullptr);
    EXPECT_EQ(refusal.route->name, "/");
}

TEST_F(decide_test, bad_credentials_are_denied_with_their_reason) {
    add("/");
    authorize("unknown");
    EXPECT_EQ(denied("/").why, reason::signature_invalid);
    authorize("two words");
    EXPECT_EQ(denied("/").why, reason::token_malformed);
    authorize("good");
    headers.push_back(headers.front());
    EXPECT_EQ(denied("/").why, reason::token_multiple);
}

TEST_F(decide_test, expiry_is_judged_at_the_time_of_the_request) {
    add("/");
    authorize("good");
    EXPECT_EQ(permitted("/", now + 89s).why(), reason::ok);
    EXPECT_EQ(denied("/", now + 90s).why, reason::token_expired);
    authorize("old");
    EXPECT_EQ(denied("/").why, reason::token_expired);
}

TEST_F(decide_test, an_optional_route_lets_the_anonymous_pass_and_refuses_bad_tokens) {
    add("/").auth = rules::authentication::optional;
    const permit leave = permitted("/");
    EXPECT_EQ(leave.why(), reason::anonymous);
    EXPECT_EQ(leave.who(), nullptr);
    EXPECT_EQ(leave.token_header(), "");
    authorize("unknown");
    EXPECT_EQ(denied("/").why, reason::signature_invalid);
    headers = {{"Authorization", "Bearer"}};
    EXPECT_EQ(denied("/").why, reason::token_malformed);
    authorize("good");
    EXPECT_EQ(permitted("/").who()->user, "u-1");
}

TEST_F(decide_test, an_optional_route_with_a_requirement_asks_the_anonymous_for_a_token) {
    rules::route& route = add("/");
    route.auth = rules::authentication::optional;
    route.require.roles = {"reader"};
    EXPECT_EQ(denied("/").why, reason::token_missing);
    routes[0].mode = rules::enforcement::observe;
    const permit leave = permitted("/");
    EXPECT_EQ(leave.why(), reason::anonymous);
    EXPECT_EQ(leave.observed(), reason::token_missing);
}

TEST_F(decide_test, a_public_route_looks_at_nothing_and_forwards_all) {
    add("/").auth = rules::authentication::none;
    headers = {{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}};
    query = "access_token=a&access_token=b";
    offer("bearer, token, chat");
    const permit leave = permitted("/");
    EXPECT_EQ(leave.why(), reason::public_route);
    EXPECT_EQ(leave.who(), nullptr);
    EXPECT_EQ(leave.query(), query);
    EXPECT_EQ(leave.token_header(), "");
    EXPECT_THAT(leave.credentials().subprotocols.forwarded, ElementsAre("bearer", "token", "chat"));
    EXPECT_FALSE(leave.credentials().present);
    EXPECT_EQ(leave.expires(), std::nullopt);
    EXPECT_THAT(source.asked, IsEmpty());
}

TEST_F(decide_test, the_requirement_is_judged_with_the_captures) {
    add("/tenants/{tenant_id}/widgets").require.tenant = rules::operand{"tenant_id", true};
    authorize("good");
    EXPECT_EQ(permitted("/tenants/t-1/widgets").why(), reason::ok);
    EXPECT_EQ(permitted("/tenants/%74-1/widgets/7").why(), reason::ok);
    const denial refusal = denied("/tenants/t-2/widgets");
    EXPECT_EQ(refusal.why, reason::tenant_mismatch);
    ASSERT_NE(refusal.who, nullptr);
    EXPECT_EQ(refusal.who->user, "u-1");
    EXPECT_EQ(denied("/tenants/t-1%20/widgets").why, reason::tenant_mismatch);
}

TEST_F(decide_test, every_spelling_of_a_protected_path_needs_the_role) {
    add("/").auth = rules::authentication::optional;
    add("/admin").require.roles = {"admin"};
    authorize("good");
    for (const std::string_view path :
         {"/admin", "/admin/", "/%61dmin", "/x/../admin", "//admin", "/./admin", "/%2e/admin", "/x/%2e%2e/adm%69n", "/admin//x"}) {
        EXPECT_EQ(denied(path).why, reason::role_missing) << path;
    }
    authorize("admin");
    EXPECT_EQ(permitted("/%61dmin").who()->user, "u-2");
}

TEST_F(decide_test, missing_scopes_are_named_for_the_challenge) {
    add("/").require.all_scopes = {"read", "write"};
    authorize("good");
    const denial refusal = denied("/");
    EXPECT_EQ(refusal.why, reason::scope_missing);
    EXPECT_EQ(refusal.scope, "write");
}

TEST_F(decide_test, an_observed_requirement_is_reported_and_everything_else_enforced) {
    rules::route& route = add("/");
    route.mode = rules::enforcement::observe;
    route.require.roles = {"admin"};
    authorize("good");
    const permit leave = permitted("/");
    EXPECT_EQ(leave.why(), reason::ok);
    EXPECT_EQ(leave.observed(), reason::role_missing);
    authorize("unknown");
    EXPECT_EQ(denied("/").why, reason::signature_invalid);
    authorize("old");
    EXPECT_EQ(denied("/").why, reason::token_expired);
    headers.clear();
    EXPECT_EQ(denied("/").why, reason::token_missing);
}

TEST_F(decide_test, a_token_in_the_query_is_removed_from_it) {
    add("/").token_from.query = true;
    query = "a=1&access_token=good&b=2";
    const permit leave = permitted("/");
    EXPECT_EQ(leave.query(), "a=1&b=2");
    EXPECT_EQ(leave.token_header(), "");
}

TEST_F(decide_test, a_forwarded_token_stays_where_it_was) {
    rules::route& route = add("/");
    route.token_from.query = true;
    route.forward_token = true;
    authorize("good");
    query = "access_token=good&a";
    const permit leave = permitted("/");
    EXPECT_EQ(leave.query(), query);
    EXPECT_EQ(leave.token_header(), "");
    headers.clear();
    query.clear();
    offer("bearer, good, chat");
    EXPECT_THAT(permitted("/").credentials().subprotocols.forwarded, ElementsAre("bearer", "good", "chat"));
}

TEST_F(decide_test, the_same_token_in_two_headers_is_removed_from_both) {
    rules.providers.push_back(make_provider("other", "https://b/", {.header = "X-Token", .query_parameter = "access_token"}));
    rules::route& route = add("/");
    route.providers = {0, 1};
    route.credential_names.push_back(rules.providers[1].names);
    authorize("good");
    headers.push_back({"x-token", "good"});
    const permit leave = permitted("/");
    EXPECT_EQ(leave.token_header(), "Authorization");
    EXPECT_THAT(leave.credentials().more_headers, ElementsAre("X-Token"));
}

TEST_F(decide_test, a_handshake_has_places_of_its_own) {
    add("/");
    query = "access_token=good&x";
    EXPECT_EQ(denied("/").why, reason::token_missing);
    websocket = true;
    EXPECT_EQ(permitted("/").query(), "x");
    query.clear();
    offer("chat, bearer, good");
    const permit leave = permitted("/");
    EXPECT_THAT(leave.credentials().subprotocols.forwarded, ElementsAre("chat"));
    EXPECT_EQ(leave.credentials().subprotocols.marker, "bearer");
    routes[0].websocket.token_from = {.header = true, .query = false, .subprotocol = false};
    EXPECT_EQ(denied("/").why, reason::token_missing);
}

TEST_F(decide_test, a_refused_handshake_knows_what_was_offered) {
    add("/").require.roles = {"admin"};
    offer("chat, bearer, good");
    const denial refusal = denied("/");
    EXPECT_EQ(refusal.why, reason::role_missing);
    EXPECT_EQ(refusal.subprotocols.marker, "bearer");
    EXPECT_EQ(refusal.subprotocols.token_entry, "good");
    EXPECT_EQ(refusal.subprotocols.first, "chat");
    headers.clear();
    offer("chat, bearer");
    const denial malformed = denied("/");
    EXPECT_EQ(malformed.why, reason::token_malformed);
    EXPECT_EQ(malformed.subprotocols.marker, "bearer");
    headers.clear();
    offer("chat");
    EXPECT_EQ(denied("/").subprotocols.first, "chat");
}

TEST_F(decide_test, where_websockets_are_off_handshakes_are_denied_and_requests_are_not) {
    add("/").websocket.enabled = false;
    add("/public").auth = rules::authentication::none;
    routes[1].websocket.enabled = false;
    authorize("good");
    EXPECT_EQ(permitted("/").why(), reason::ok);
    websocket = true;
    EXPECT_EQ(denied("/").why, reason::websocket_denied);
    EXPECT_EQ(denied("/public").why, reason::websocket_denied);
    EXPECT_THAT(source.asked, ElementsAre("main:good"));
}

TEST_F(decide_test, a_permit_tells_when_its_token_ends_whatever_sockets_do) {
    add("/").websocket.close_on_expiry = false;
    authorize("good");
    EXPECT_NE(permitted("/").expires(), std::nullopt) << "a token that expires before the 101 is refused all the same";
    EXPECT_EQ(permitted("/").closes(), std::nullopt);
    routes[0].websocket.close_on_expiry = true;
    EXPECT_EQ(permitted("/").closes(), permitted("/").expires());
    rules.providers[0].rules.require_expiry = false;
    source.known["main:good"] = make_token("u-1", "t-1", {}, std::nullopt);
    EXPECT_EQ(permitted("/").expires(), std::nullopt);
}

TEST_F(decide_test, a_revoked_user_is_refused_even_where_tokens_are_optional) {
    rules.providers[0].rules.revoked = tokens::parse_revocation_list("user:u-1").list;
    add("/").auth = rules::authentication::optional;
    authorize("good");
    EXPECT_EQ(denied("/").why, reason::token_revoked);
    authorize("admin");
    EXPECT_EQ(permitted("/").who()->user, "u-2");
}

TEST_F(decide_test, a_handshake_must_come_from_one_of_the_origins) {
    add("/").websocket.origins = {"https://app.example.com", "null"};
    authorize("good");
    EXPECT_EQ(permitted("/").why(), reason::ok) << "ordinary requests have no such rule";
    websocket = true;
    EXPECT_EQ(denied("/").why, reason::origin_denied) << "none at all";
    headers.push_back({"Origin", "https://evil.example"});
    EXPECT_EQ(denied("/").why, reason::origin_denied);
    headers.back().value = "HTTPS://App.Example.com";
    EXPECT_EQ(permitted("/").why(), reason::ok);
    headers.back().value = "null";
    EXPECT_EQ(permitted("/").why(), reason::ok);
}

TEST_F(decide_test, the_origin_is_judged_before_the_credential_and_on_public_routes_too) {
    rules::route& open = add("/open");
    open.auth = rules::authentication::none;
    open.websocket.origins = {"https://app.example.com"};
    add("/").websocket.origins = {"https://app.example.com"};
    headers = {{"Origin", "https://evil.example"}};
    offer("bearer, good");
    EXPECT_EQ(denied("/").why, reason::origin_denied);
    EXPECT_THAT(source.asked, IsEmpty());
    EXPECT_EQ(denied("/").subprotocols.marker, "bearer") << "for the echo of a close";
    EXPECT_EQ(denied("/open").why, reason::origin_denied);
    headers.front().value = "https://app.example.com";
    EXPECT_EQ(permitted("/open").why(), reason::public_route);
}

class providers_test : public decide_test {
protected:
    providers_test() {
        rules.providers = {make_provider("a", "https://a/"), make_provider("b", "https://b/"), make_provider("any")};
        for (const std::string name : {"a", "b", "any"}) {
            for (const std::string_view token : {token_of_a, token_of_b, token_of_none}) {
                source.known[name + ":" + std::string(token)] = make_token(name, "t", {});
            }
        }
    }
    std::string chosen(std::vector<std::uint32_t> among, std::string_view token) {
        routes.clear();
        add("/").providers = std::move(among);
        source.asked.clear();
        authorize(token);
        const decision made = run("/");
        EXPECT_LE(source.asked.size(), 1U) << "none is tried after another";
        const permit* leave = std::get_if<permit>(&made);
        return leave != nullptr ? leave->who()->user : std::string(to_string(std::get<denial>(made).why));
    }
};

TEST_F(providers_test, a_token_goes_to_the_provider_of_its_issuer_only) {
    EXPECT_EQ(chosen({0, 1}, token_of_a), "a");
    EXPECT_EQ(chosen({0, 1}, token_of_b), "b");
    EXPECT_EQ(chosen({2, 1, 0}, token_of_b), "b");
}

TEST_F(providers_test, other_tokens_go_to_the_provider_without_issuer) {
    EXPECT_EQ(chosen({0, 2}, token_of_b), "any");
    EXPECT_EQ(chosen({0, 2}, token_of_none), "any");
    EXPECT_EQ(chosen({0, 2}, "opaque"), "signature_invalid");
    EXPECT_THAT(source.asked, ElementsAre("any:opaque"));
}

TEST_F(providers_test, where_no_provider_fits_the_issuer_is_refused) {
    rules.providers.push_back(make_provider("c", "https://c/"));
    EXPECT_EQ(chosen({0, 3}, token_of_b), "issuer_mismatch");
    EXPECT_THAT(source.asked, IsEmpty());
}

TEST_F(providers_test, a_single_provider_judges_every_token_itself) {
    EXPECT_EQ(chosen({0}, token_of_b), "a") << "the verifier compares the issuer, after the signature";
}

TEST_F(providers_test, a_token_is_only_for_providers_whose_header_carried_it) {
    rules.providers[1].names.header = "X-Token";
    routes.clear();
    rules::route& route = add("/");
    route.providers = {0, 1};
    route.credential_names = {rules.providers[0].names, rules.providers[1].names};
    headers = {{"X-Token", token_of_a}};
    EXPECT_EQ(denied("/").why, reason::issuer_mismatch) << "it goes to its issuer's provider only, which takes no tokens from there";
    EXPECT_THAT(source.asked, IsEmpty());
    headers = {{"X-Token", token_of_b}};
    EXPECT_EQ(permitted("/").who()->user, "b");
    EXPECT_EQ(permitted("/").token_header(), "X-Token");
    headers = {{"X-Token", token_of_none}};
    EXPECT_EQ(permitted("/").who()->user, "b") << "judged by the header's own provider, which will refuse the issuer";
}

TEST_F(providers_test, a_laxer_provider_is_not_chosen_by_moving_a_token_to_its_header) {
    rules.providers[2].names.header = "X-Token";
    routes.clear();
    rules::route& route = add("/");
    route.providers = {0, 2};
    route.credential_names = {rules.providers[0].names, rules.providers[2].names};
    headers = {{"X-Token", token_of_a}};
    EXPECT_EQ(denied("/").why, reason::issuer_mismatch);
    headers = {{"X-Token", token_of_b}};
    EXPECT_EQ(permitted("/").who()->user, "any");
}

class ambiguous_test : public decide_test {
protected:
    ambiguous_test() {
        rules.ambiguous = requests::ambiguous_paths::allow;
        authorize("good");
    }
};

TEST_F(ambiguous_test, readings_that_agree_are_permitted) {
    add("/public");
    add("/admin").require.roles = {"admin"};
    EXPECT_EQ(permitted("/public/x%2Fy").route().name, "/public");
    EXPECT_EQ(permitted("/public/x;v=1").route().name, "/public");
    EXPECT_EQ(permitted("/public/x//../y").route().name, "/public");
}

TEST_F(ambiguous_test, readings_that_differ_in_route_are_refused) {
    add("/public");
    add("/admin").require.roles = {"admin"};
    for (const std::string_view path :
         {"/public/x%2F..%2F..%2Fadmin", "/public/..;/admin", "/public%2f../admin", "/public/..%5cadmin", "/public\\..\\..\\admin",
          "/public/%252e%252e/admin", "/public//../admin", "/public/x//../../admin", "/admin;x", "/admin%2fx", "/%2561dmin"}) {
        requests::path_scratch probe;
        if (!requests::parse_path(path, {.ambiguous = requests::ambiguous_paths::allow}, probe)) {
            continue; // climbs above the root in a lax reading
        }
        const decision made = run(path);
        const denial* refusal = std::get_if<denial>(&made);
        ASSERT_NE(refusal, nullptr) << path;
        EXPECT_TRUE(refusal->why == reason::bad_request || refusal->why == reason::role_missing) << path;
    }
    EXPECT_EQ(denied("/public/x%2F..%2F..%2Fadmin").why, reason::bad_request);
    EXPECT_EQ(denied("/public//../admin").why, reason::bad_request);
    EXPECT_EQ(denied("/x%2F..%2Fpublic").why, reason::bad_request) << "404 as it stands, a route for others";
}

TEST_F(ambiguous_test, readings_that_differ_in_a_capture_are_refused) {
    add("/t/{tenant_id}").require.tenant = rules::operand{"tenant_id", true};
    for (const std::string_view path : {"/t/t-1%2Fx", "/t/t-1;x", "/t/t-2%2F..%2Ft-1", "/t/t-1%252Fx", "/t/%2574-1"}) {
        EXPECT_EQ(denied(path).why, reason::bad_request) << path;
    }
    EXPECT_EQ(permitted("/t/t-1/x;y").why(), reason::ok);
}

TEST_F(ambiguous_test, the_reading_that_resolves_dots_before_slashes_counts_too) {
    add("/");
    add("/a/b").require.roles = {"admin"};
    EXPECT_EQ(denied("/a//../b").why, reason::bad_request);
    EXPECT_EQ(permitted("/a//../c").why(), reason::ok);
}

TEST(identity_header_value_test, values_are_encoded_so_that_they_can_not_be_misread) {
    identity who;
    who.provider = "main";
    who.user = "J\xC3\xB6rg 100%\r\nX-Admin: 1";
    who.tenant = "t,1";
    who.roles = {"a,admin", "b c", "", "r%"};
    who.scopes = {"read", "a b", "x,y"};
    who.claims = boost::json::parse(R"({"n": 42, "b": true, "z": null, "s": "x y", "l": ["a,b", 1, null, ""], "o": {"p": "q"},
                                "d": 1.5, "t": 1700000000.123, "h": 100.0, "m": [0.25, 2], "w": {"x": 1e2}})")
                     .as_object();
    using source = identity_header::source;
    const auto value = [&](source from, tokens::claim_path path = {}) { return identity_header_value({"X", from, std::move(path)}, who); };
    EXPECT_EQ(value(source::user), "J%C3%B6rg%20100%25%0D%0AX-Admin:%201");
    EXPECT_EQ(value(source::tenant), "t,1");
    EXPECT_EQ(value(source::roles), "a%2Cadmin,b%20c,r%25");
    EXPECT_EQ(value(source::scopes), "read a%20b x,y");
    EXPECT_EQ(value(source::provider), "main");
    EXPECT_EQ(value(source::claim, {"n"}), "42");
    EXPECT_EQ(value(source::claim, {"b"}), "true");
    EXPECT_EQ(value(source::claim, {"d"}), "1.5");
    EXPECT_EQ(value(source::claim, {"t"}), "1700000000.123");
    EXPECT_EQ(value(source::claim, {"h"}), "100");
    EXPECT_EQ(value(source::claim, {"m"}), "0.25,2");
    EXPECT_EQ(value(source::claim, {"w"}), R"({"x":100})");
    EXPECT_EQ(value(source::claim, {"z"}), "");
    EXPECT_EQ(value(source::claim, {"s"}), "x%20y");
    EXPECT_EQ(value(source::claim, {"l"}), "a%2Cb,1");
    EXPECT_EQ(value(source::claim, {"o", "p"}), "q");
    EXPECT_EQ(value(source::claim, {"o"}), R"({"p":"q"})");
    EXPECT_EQ(value(source::claim, {"absent", "x"}), "");
    EXPECT_EQ(value(source::claim), "");
    EXPECT_EQ(identity_header_value({"X", source::user, {}}, identity{}), "");
}

TEST_F(decide_test, of_several_tenants_the_required_one_is_the_identitys) {
    tokens::verified_token several = *make_token("u-1", "", {"reader"});
    several.who.tenants = {"t-1", "t-2"};
    source.known["main:several"] = std::make_shared<const tokens::verified_token>(several);
    add("/t/{tenant_id}").require.tenant = rules::operand{"tenant_id", true};
    add("/any");
    authorize("several");
    EXPECT_EQ(permitted("/t/t-2").who()->tenant, "t-2");
    EXPECT_EQ(permitted("/t/t-1").who()->tenant, "t-1") << "what one request chose stays its own";
    EXPECT_EQ(permitted("/any").who()->tenant, "") << "several are as none";
    const denial refused = denied("/t/t-3");
    EXPECT_EQ(refused.why, reason::tenant_mismatch);
    EXPECT_EQ(refused.who->tenant, "");
}

TEST_F(decide_test, operands_are_read_from_the_request) {
    add("/header").require.tenant = rules::operand::parse("{header.X-Org}").value();
    add("/query").require.tenant = rules::operand::parse("t-{query.n}").value();
    add("/host").require.tenant = rules::operand::parse("{host.1}").value();
    authorize("good");
    EXPECT_EQ(denied("/header").why, reason::tenant_mismatch);
    headers.push_back({"X_Org", "t-1"});
    EXPECT_EQ(denied("/header").why, reason::tenant_mismatch) << "it is dropped";
    headers.push_back({"X-Org", "t-1"});
    permitted("/header");
    rules.headers.drop_unusual_names = false;
    EXPECT_EQ(denied("/header").why, reason::tenant_mismatch) << "now the app gets both";
    query = "n=1";
    permitted("/query");
    query = "n=1&n=1";
    EXPECT_EQ(denied("/query").why, reason::tenant_mismatch);
    EXPECT_EQ(denied("/host").why, reason::tenant_mismatch);
}

} // namespace
} // namespace bearward::policies
