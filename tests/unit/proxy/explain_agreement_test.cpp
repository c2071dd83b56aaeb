// explain and serving agree: random tables of routes, requirements and identities,
// and random requests, good and bad. What serving does is done here as a worker
// does it, step by step and without an observer, with a worker's memory of tokens.
#include "policies/decide.hpp"
#include "policies/reason_table.hpp"
#include "proxy/commands/explain.hpp"
#include "proxy/commands/token_mint.hpp"
#include "proxy/exchange/request_form.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/write_head.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/telemetry/counter_registry.hpp"
#include "proxy/websocket/rejection.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>

namespace bearward::proxy::commands {
namespace {

using policies::reason;
using namespace std::chrono_literals;

constexpr policies::time_point now{1'700'000'000s};
constexpr const char* secret = "0123456789-0123456789-0123456789-0123456789";

class dice {
public:
    explicit dice(unsigned seed) : random_(seed) {}
    bool one_in(int many) { return number(1, many) == 1; }
    int number(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
    std::string pick(const std::vector<std::string>& from) {
        return from[static_cast<std::size_t>(number(0, static_cast<int>(from.size()) - 1))];
    }

private:
    std::mt19937 random_;
};

std::string random_requirement(dice& roll, bool captures, int depth = 0) {
    const std::vector<std::string> simple{
        "roles: [admin, editor]",      "all_roles: [editor, auditor]",    "scopes: [write]", "all_scopes: [read, write]", "tenant: t-1",
        "claims: {plan: [pro, free]}", "claims: {plan: {present: true}}", "policy: staff"};
    std::vector<std::string> entries{roll.pick(simple)};
    if (captures && roll.one_in(2)) {
        entries = {"tenant: \"{id}\""};
    }
    if (depth < 2 && roll.one_in(3)) {
        const std::string inner = random_requirement(roll, captures, depth + 1);
        entries.push_back(roll.pick({"any", "all"}) + ": [{" + inner + "}, {" + random_requirement(roll, captures, depth + 1) + "}]");
    }
    if (depth < 2 && roll.one_in(6)) {
        entries.push_back("not: {" + random_requirement(roll, captures, depth + 1) + "}");
    }
    return entries.size() == 1 ? entries.front() : entries[0] + ", " + entries[1];
}

std::string random_route(dice& roll, int index) {
    std::string path;
    bool captures = false;
    for (int at = roll.number(0, 3); at > 0; --at) {
        const bool capture = !captures && roll.one_in(3);
        path += capture ? "/{id}" : "/" + roll.pick({"a", "b", "c"});
        captures = captures || capture;
    }
    std::string out =
        "  - {" + roll.pick({"prefix", "prefix", "exact"}) + ": \"" + (path.empty() ? "/" : path) + "\", name: r" + std::to_string(index);
    out += roll.one_in(4) ? ", hosts: [" + roll.pick({"api.test", "\"*.test\"", "\"*.api.test\""}) + "]" : "";
    out += roll.one_in(4) ? ", methods: [" + roll.pick({"GET", "POST", "GET, PUT"}) + "]" : "";
    out += roll.one_in(8) ? ", listeners: [two]" : "";
    out += roll.one_in(4) ? ", providers: [main, edge]" : "";
    out += roll.one_in(4) ? ", token_from: [" + roll.pick({"query", "header, query"}) + "]" : "";
    out += roll.one_in(6) ? ", forward_token: true" : "";
    out += roll.one_in(3)
               ? ", websocket: " + roll.pick({"off", "{reject_with: http}", "{reject_with: auto}", "{token_from: [subprotocol]}"})
               : "";
    const bool open = roll.one_in(6);
    out += open ? ", auth: none" : roll.one_in(4) ? ", auth: optional" : "";
    const bool demanding = !open && !roll.one_in(3);
    out += demanding ? ", require: {" + random_requirement(roll, captures) + "}" : "";
    out += demanding && roll.one_in(6) ? ", mode: observe" : "";
    return out + "}\n";
}

std::string random_configuration(dice& roll) {
    const std::string key = std::string("algorithms: [HS256], audiences: [a], keys: {secret: {value: \"") + secret + "\"}}}";
    std::string text = "version: 1\nlisten: [{address: 127.0.0.1:1, name: one}, {address: 127.0.0.1:2, name: two}]\n"
                       "upstreams: {app: {servers: [127.0.0.1:3], forward_host: " +
                       roll.pick({"true", "false"}) +
                       "}}\nproviders:\n"
                       "  main: {type: jwt, issuer: https://main/, " +
                       key +
                       "\n"
                       "  edge: {type: jwt, issuer: https://edge/, required_claims: {kind: access}, header: X-Edge, " +
                       key +
                       "\n"
                       "policies: {staff: {any: [{roles: [admin]}, {claims: {plan: pro}}]}}\n"
                       "identity_headers: {X-User-Id: user, X-Tenant-Id: tenant, X-User-Roles: roles, X-Plan: claims.plan}\n"
                       "paths: {ambiguous: " +
                       roll.pick({"reject", "allow"}) +
                       "}\n"
                       "defaults: {upstream: app, providers: [main]}\nroutes:\n";
    for (int index = roll.number(3, 12); index > 0; --index) {
        text += random_route(roll, index);
    }
    return text;
}

std::vector<std::string> make_tokens() {
    std::vector<std::string> tokens{"opaque", "a.b.c", ""};
    const std::vector<std::vector<std::string>> claims{{"sub=u-1", "tid=t-1", "roles=[\"reader\"]"},
                                                       {"sub=u-2", "tid=t-2", "roles=[\"admin\", \"x,y\"]", "scope=read write", "plan=pro"},
                                                       {"sub=u-3", "tid=t-1", "roles=[\"editor\", \"auditor\"]", "scope=read", "plan=free"},
                                                       {"sub=u-4", "kind=access", "scope=write"},
                                                       {"sub=u-5", "exp=1"},
                                                       {"sub=u-6", "nbf=1800000000"},
                                                       {"sub=u-7", "aud=b"},
                                                       {"sub=[1]"}};
    for (const auto& each : claims) {
        for (const char* issuer : {"https://main/", "https://edge/", "https://none/"}) {
            mint_options mint{.secret = secret, .algorithm = "HS256", .claims = each, .issuer = issuer, .audiences = {"a"}};
            tokens.push_back(make_token(mint, now).value());
        }
    }
    tokens.push_back(tokens.back() + "x");
    tokens.push_back(
        make_token({.secret = std::string(secret) + "!", .algorithm = "HS256", .issuer = "https://main/", .audiences = {"a"}}, now)
            .value());
    return tokens;
}

std::string random_head(dice& roll, const std::vector<std::string>& tokens) {
    std::string path;
    for (int at = roll.number(0, 4); at > 0; --at) {
        path += "/" + roll.pick({"a", "a", "b", "c", "t-1", "t-2", "%61", "..", ".", "", "a%2Fb", "a;x", "%zz"});
    }
    const std::string token = roll.pick(tokens);
    std::string head = roll.pick({"GET", "GET", "GET", "POST", "PUT", "HEAD", "OPTIONS", "BREW"}) + " " + (path.empty() ? "/" : path);
    head += roll.one_in(4) ? "?x=1&access_token=" + token : roll.one_in(8) ? "?" : "";
    head += " HTTP/1." + roll.pick({"1", "1", "1", "1", "0"}) + "\r\n";
    head += roll.one_in(20) ? "" : "Host: " + roll.pick({"api.test", "API.test.:80", "x.api.test", "other", "a b"}) + "\r\n";
    head += roll.one_in(3) ? "" : "Authorization: " + roll.pick({"Bearer ", "bearer ", "Bearer ", "Basic "}) + token + "\r\n";
    head += roll.one_in(6) ? "X-Edge: " + roll.pick(tokens) + "\r\n" : "";
    head += roll.one_in(4) ? roll.pick({"X-User-Id", "x_user_id", "X-PLAN"}) + ": admin\r\n" : "";
    if (roll.one_in(3)) {
        head += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: " + roll.pick({"13", "13", "13", "8"}) + "\r\n";
        head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        head += roll.one_in(2) ? "Sec-WebSocket-Protocol: " + roll.pick({"chat, ", ""}) + "bearer, " + token + "\r\n" : "";
        head += roll.one_in(3) ? "Origin: https://page.test\r\n" : "";
    }
    head += roll.one_in(20) ? "Content-Length: 1\r\nContent-Length: 1\r\n" : "";
    return head + "\r\n";
}

/// Verifies a token once and remembers it, as a worker's cache does.
class remembering final : public policies::outside {
public:
    remembering() : outside(commands::now) {}
    policies::verification verify(const policies::provider& by, std::string_view token) override {
        auto [known, fresh] = known_.try_emplace({&by, std::string(token)});
        if (fresh) {
            known->second = policies::direct_outside(now()).verify(by, token);
        }
        return known->second;
    }

private:
    std::map<std::pair<const policies::provider*, std::string>, policies::verification> known_;
};

/// What serving made of a request.
struct served {
    bool permitted = false;
    reason why = reason::ok;
    unsigned status = 200;
    bool closes = false;
    std::string route;
    std::string target;
    std::vector<std::pair<std::string, std::string>> forwarded;
};

std::string name_of(const policies::rules::route* route) {
    return route == nullptr ? std::string{} : route->name;
}

served deny(const policies::denial& denied, bool websocket, const http::request_head& head) {
    const auto what = policies::answer_for(denied.why);
    const bool closes = websocket && websocket::rejects_by_close(denied, what, head.find("Origin").data() != nullptr);
    return {.why = denied.why, .status = closes ? 101U : what.status, .closes = closes, .route = name_of(denied.route)};
}

served serve(const serving& rules, std::string_view bytes, std::uint32_t listener, policies::outside& tokens) {
    http::request_head head;
    const auto read = http::parse_request_head(bytes, rules.request_limits, head);
    if (read.state != http::head_state::complete) {
        return {.why = read.why, .status = read.status};
    }
    policies::requests::path_scratch paths;
    const auto form = check_form(head, rules.rules().path_reading, paths);
    if (form.status != 0) {
        return {.why = form.why, .status = form.status};
    }
    policies::requests::credential_scratch scratch;
    const policies::requests::request_view view{.method = head.method,
                                                .path = form.path,
                                                .query = head.query,
                                                .host = head.host,
                                                .websocket = form.websocket,
                                                .listener = listener,
                                                .headers = head.fields};
    const auto decision = policies::decide(view, rules.rules(), tokens, policies::on_need::refuse, scratch);
    if (const auto* denied = std::get_if<policies::denial>(&decision)) {
        return deny(*denied, form.websocket, head);
    }
    const auto& leave = std::get<policies::permit>(decision);
    const auto& upstream = rules.settings.upstreams[leave.route().upstream];
    const http::forward_context context{.peer_address = "127.0.0.1",
                                        .request_id = "explained",
                                        .upstream_host =
                                            upstream.forward_host ? std::string_view{} : std::string_view(upstream.servers.front().text),
                                        .path = form.path.path};
    served made{.permitted = true, .why = leave.why(), .route = leave.route().name};
    http::outgoing_request out;
    http::make_upstream_head(head, leave, rules.rewrite, context, form.websocket, out);
    made.target = mask_target(out.path, out.query, out.has_query, rules.token_parameters);
    http::visit_field_lines(out, http::http1_fields(out),
                            [&made](const http::header& field) { made.forwarded.emplace_back(field.name, field.value); });
    return made;
}

MATCHER(same_header, "") {
    const auto& [said, real] = arg;
    return said.name == real.first && said.value == real.second;
}

void expect_agreement(const served& real, const explained& said, std::string_view head) {
    EXPECT_EQ(said.permitted, real.permitted) << head;
    EXPECT_EQ(std::string_view(said.outcome.at("reason").as_string()), to_string(real.why)) << head;
    EXPECT_EQ(said.outcome.at("status").to_number<unsigned>(), real.status) << head;
    EXPECT_EQ(said.outcome.contains("close"), real.closes) << head;
    const auto& route = said.outcome.at("route");
    EXPECT_EQ(route.is_null() ? std::string{} : std::string(route.as_string()), real.route) << head;
    EXPECT_THAT(said.forwarded, testing::Pointwise(same_header(), real.forwarded)) << head;
    if (!real.permitted) {
        const auto first = std::ranges::find(said.steps, policies::step::mark::failed, &policies::step::outcome);
        ASSERT_NE(first, said.steps.end()) << head;
        EXPECT_EQ(first->why, real.why) << "the first step that fails is the reason: " << head;
        return;
    }
    EXPECT_EQ(std::string_view(said.outcome.at("forward").at("target").as_string()), real.target) << head;
    for (const auto& each : said.outcome.at("forward").at("headers").as_object()) {
        EXPECT_THAT(real.forwarded, testing::Contains(testing::Pair(std::string(each.key()), std::string(each.value().as_string()))))
            << head;
    }
}

TEST(explain_and_serving, agree_on_decision_reason_and_headers_of_random_requests) {
    const std::vector<std::string> tokens = make_tokens();
    std::map<reason, std::size_t> seen;
    std::size_t tables = 0;
    std::string refused;
    for (unsigned seed = 1; seed <= 200 && !testing::Test::HasFailure(); ++seed) {
        dice roll(seed);
        auto result = config::load_text(random_configuration(roll), "random.yaml");
        if (!result.loaded) { // two routes for the same requests
            refused = to_string(result.diagnostics.back());
            continue;
        }
        ++tables;
        counter_registry registry(1);
        const serving rules(std::move(*result.loaded), registry);
        remembering known;
        for (int each = 0; each < 80; ++each) {
            const std::string head = random_head(roll, tokens);
            const auto listener = static_cast<std::uint32_t>(roll.number(0, 1));
            const served real = serve(rules, head, listener, known);
            ++seen[real.why];
            expect_agreement(real, explain_request(rules, head, listener, now), head);
        }
    }
    EXPECT_GE(tables, 80U) << refused;
    for (const reason each : {reason::ok,
                              reason::anonymous,
                              reason::public_route,
                              reason::token_missing,
                              reason::token_multiple,
                              reason::token_malformed,
                              reason::signature_invalid,
                              reason::token_expired,
                              reason::token_not_yet_valid,
                              reason::issuer_mismatch,
                              reason::audience_mismatch,
                              reason::claim_missing,
                              reason::role_missing,
                              reason::scope_missing,
                              reason::tenant_mismatch,
                              reason::claim_denied,
                              reason::policy_denied,
                              reason::websocket_denied,
                              reason::no_route,
                              reason::method_not_allowed,
                              reason::bad_request}) {
        EXPECT_GE(seen[each], 5U) << to_string(each) << " was hardly tried";
    }
}

} // namespace
} // namespace bearward::proxy::commands
