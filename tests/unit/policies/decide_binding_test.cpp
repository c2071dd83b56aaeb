// Tokens that are bound to a certificate or a key, in the whole decision.
#include "dpop_test_proofs.hpp"
#include "policies/explanation.hpp"
#include "policies/inquiry.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <list>
#include <map>
#include <optional>

namespace bearward::policies {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tokens::dpop_mode;
using tokens::test::proof_maker;
using namespace std::chrono_literals;
namespace json = boost::json;

constexpr time_point now{1'800'000'000s};
const std::string hash_of_certificate = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
const std::string hash_of_another = "B4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

class shown_certificate final : public requests::client_certificate {
public:
    explicit shown_certificate(std::string hash) : hash_(std::move(hash)) {}
    [[nodiscard]] std::string_view sha256() const override {
        ++asked;
        return hash_;
    }
    [[nodiscard]] const jose::certificate_names* names() const override { return nullptr; }
    mutable int asked = 0;

private:
    std::string hash_;
};

/// Knows tokens by their text, for every provider but those that have no keys yet, and remembers proofs.
class table_source final : public outside {
public:
    table_source() : outside(policies::now) {}
    verification verify(const provider& by, std::string_view token) override {
        ++asked;
        if (by.rules.provider == without_keys) {
            return std::unexpected(need{.of = &by, .what = need::kind::keys, .detail = {}});
        }
        const auto found = known.find(token);
        return found == known.end() ? verification(std::unexpected(refusal(reason::signature_invalid))) : found->second;
    }
    tokens::proof_use use_proof(std::string_view key, std::string_view id, time_point until) override {
        uses.push_back(std::string(id));
        remembered_until = until;
        return memory.use(key, id, until, now());
    }

    std::map<std::string, tokens::verified_token_ptr, std::less<>> known;
    std::string without_keys;
    tokens::proof_memory memory{2};
    int asked = 0;
    std::vector<std::string> uses;
    time_point remembered_until;
};

tokens::verified_token_ptr make_token(tokens::confirmation bound_to, std::optional<time_point> expires = now + 600s) {
    tokens::verified_token made;
    made.who.user = "u-1";
    made.expires = made.who.expires = expires;
    made.bound_to = std::move(bound_to);
    return std::make_shared<const tokens::verified_token>(std::move(made));
}

class binding : public ::testing::Test {
protected:
    binding() {
        source.known["free"] = make_token({});
        source.known["key"] = make_token({.present = true, .certificate = {}, .key = client.thumbprint, .fault = {}});
        source.known["old"] = make_token({.present = true, .certificate = {}, .key = client.thumbprint, .fault = {}}, now - 600s);
        source.known["certificate"] = make_token({.present = true, .certificate = hash_of_certificate, .key = {}, .fault = {}});
        source.known["both"] = make_token({.present = true, .certificate = hash_of_certificate, .key = client.thumbprint, .fault = {}});
        source.known["faulty"] = make_token({.present = true,
                                             .certificate = hash_of_certificate,
                                             .key = client.thumbprint,
                                             .fault = "cnf has 'jwe', which can't be verified"});
        rules.providers.emplace_back().rules.provider = "main";
        rules.providers.emplace_back().rules.provider = "other";
        rules::route made;
        made.name = made.pattern = "/";
        made.segments = rules::parse_pattern("/").value();
        made.providers = {0};
        routes.push_back(std::move(made));
        set(dpop_mode::accepted);
    }

    void set(dpop_mode mode) {
        rules.providers[0].rules.dpop = mode;
        routes[0].dpop = mode;
        routes[0].credential_names = {{.dpop = mode != dpop_mode::off}};
    }
    void bring(std::string_view scheme, std::string_view token) {
        authorization = std::string(scheme) + " " + std::string(token);
        headers.assign(1, {"Authorization", authorization});
    }
    void prove(std::string proof) { headers.push_back({"dpop", proofs.emplace_back(std::move(proof))}); }
    void bring_proven(std::string_view token, const json::object& changes = {}) {
        bring("DPoP", token);
        prove(client.make(token, {}, changes));
    }

    [[nodiscard]] requests::request_view view() {
        rules.routes = rules::route_table(routes, {}, {.ignore_case = true, .ignore_final_slash = true});
        requests::request_view request;
        request.method = method;
        request.path = requests::parse_path(path, {}, paths).value();
        request.host = "api.example.com";
        request.websocket = websocket;
        request.headers = headers;
        request.secure = true;
        request.authority = "api.example.com";
        request.raw_path = path;
        request.certificate = certificate ? &*certificate : nullptr;
        return request;
    }
    [[nodiscard]] decision run() {
        decision made = decide(view(), rules, source, on_need::tell, scratch);
        const auto* const refused = std::get_if<denial>(&made);
        bad_proof = refused != nullptr && refused->bad_proof;
        return made;
    }
    /// "ok", or the reason and its cause.
    [[nodiscard]] std::string verdict() {
        const decision made = run();
        const auto* const refused = std::get_if<denial>(&made);
        return refused == nullptr ? "ok" : std::string(to_string(refused->why)) + ": " + refused->cause;
    }

    proof_maker client;
    table_source source;
    snapshot rules;
    std::vector<rules::route> routes;
    std::vector<requests::header> headers;
    std::list<std::string> proofs;
    std::string authorization;
    std::string path = "/x";
    std::string_view method = "GET";
    bool websocket = false;
    bool bad_proof = false;
    std::optional<shown_certificate> certificate;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
};

TEST_F(binding, a_token_that_is_bound_to_nothing_is_asked_for_nothing) {
    certificate.emplace(hash_of_certificate);
    bring("Bearer", "free");
    EXPECT_EQ(verdict(), "ok");
    EXPECT_EQ(certificate->asked, 0);
    EXPECT_THAT(source.uses, IsEmpty());
}

TEST_F(binding, a_certificate_must_be_the_connections) {
    bring("Bearer", "certificate");
    EXPECT_EQ(verdict(), "binding_unverified: the token has cnf.x5t#S256, and the connection no verified client certificate");
    certificate.emplace("");
    EXPECT_EQ(verdict(), "binding_unverified: the token has cnf.x5t#S256, and the connection no verified client certificate");
    certificate.emplace(hash_of_another);
    EXPECT_EQ(verdict(), "binding_unverified: the token has cnf.x5t#S256 of another certificate than the client's");
    EXPECT_FALSE(bad_proof);
    certificate.emplace(hash_of_certificate);
    EXPECT_EQ(verdict(), "ok");
    set(dpop_mode::off);
    EXPECT_EQ(verdict(), "ok") << "dpop has no say in it";
}

TEST_F(binding, a_key_must_be_proven) {
    bring("DPoP", "key");
    EXPECT_EQ(verdict(), "binding_unverified: there is no DPoP header");
    EXPECT_TRUE(bad_proof);
    bring_proven("key");
    EXPECT_EQ(verdict(), "ok");
    EXPECT_EQ(source.remembered_until, now + 60s + 30s);
}

TEST_F(binding, a_proof_counts_once) {
    bring_proven("key");
    EXPECT_EQ(verdict(), "ok");
    EXPECT_EQ(verdict(), "binding_unverified: the DPoP proof: its jti was used before");
    EXPECT_TRUE(bad_proof);
    bring_proven("key", {{"jti", "p-2"}});
    EXPECT_EQ(verdict(), "ok");
    bring_proven("key", {{"jti", "p-3"}});
    EXPECT_EQ(verdict(), "binding_unverified: the DPoP proof: too many are remembered to tell whether its jti was used before");
}

TEST_F(binding, it_is_remembered_for_as_long_as_any_provider_takes_it) {
    rules.providers[1].rules.clock_skew = 300s;
    bring_proven("key");
    EXPECT_EQ(verdict(), "ok");
    EXPECT_EQ(source.remembered_until, now + 360s);
}

TEST_F(binding, exactly_one_proof_is_taken) {
    bring_proven("key");
    prove(client.make("key"));
    EXPECT_EQ(verdict(), "binding_unverified: there is more than one DPoP header");
    EXPECT_TRUE(bad_proof);
    EXPECT_THAT(source.uses, IsEmpty());
}

TEST_F(binding, a_bad_proof_uses_nothing_up) {
    bring_proven("key", {{"htm", "POST"}});
    EXPECT_EQ(verdict(), "binding_unverified: the DPoP proof: htm is 'POST', the method 'GET'");
    bring("DPoP", "key");
    prove(client.make("another token"));
    EXPECT_EQ(verdict(), "binding_unverified: the DPoP proof: ath is another token's");
    EXPECT_THAT(source.uses, IsEmpty());
}

TEST_F(binding, a_token_that_is_refused_anyway_uses_no_proof_up) {
    bring_proven("old");
    EXPECT_THAT(verdict(), HasSubstr("token_expired"));
    EXPECT_FALSE(bad_proof);
    EXPECT_THAT(source.uses, IsEmpty());
}

TEST_F(binding, a_bound_token_sent_as_bearer_is_refused_with_a_proof_too) {
    bring("Bearer", "key");
    EXPECT_EQ(verdict(), "binding_unverified: the token has cnf.jkt, and did not come as Authorization: DPoP");
    prove(client.make("key"));
    EXPECT_EQ(verdict(), "binding_unverified: the token has cnf.jkt, and did not come as Authorization: DPoP");
    EXPECT_FALSE(bad_proof);
}

TEST_F(binding, the_scheme_dpop_is_for_tokens_with_a_key) {
    for (const char* token : {"free", "certificate"}) {
        bring_proven(token);
        certificate.emplace(hash_of_certificate);
        EXPECT_EQ(verdict(), "binding_unverified: the scheme is DPoP, and the token has no cnf.jkt") << token;
    }
}

TEST_F(binding, where_it_is_required_every_other_token_is_refused) {
    set(dpop_mode::required);
    certificate.emplace(hash_of_certificate);
    for (const char* token : {"free", "certificate"}) {
        bring("Bearer", token);
        EXPECT_EQ(verdict(), "binding_unverified: the provider has dpop: required, and the token has no cnf.jkt") << token;
    }
    bring_proven("key");
    EXPECT_EQ(verdict(), "ok");
}

TEST_F(binding, where_it_is_off_the_scheme_is_no_credential_and_the_token_refused) {
    set(dpop_mode::off);
    bring_proven("key");
    EXPECT_THAT(verdict(), HasSubstr("token_missing"));
    bring("Bearer", "key");
    prove(client.make("key"));
    EXPECT_EQ(verdict(), "binding_unverified: the token has cnf.jkt, and the provider has dpop: off");
}

TEST_F(binding, another_provider_of_the_route_does_not_take_its_key) {
    set(dpop_mode::off);
    routes[0].credential_names = {{}, {.dpop = true}};
    routes[0].dpop = dpop_mode::accepted;
    bring_proven("key");
    EXPECT_EQ(verdict(), "binding_unverified: the token has cnf.jkt, and the provider has dpop: off");
    bring_proven("free");
    EXPECT_EQ(verdict(), "binding_unverified: the scheme is DPoP, and the token has no cnf.jkt");
}

TEST_F(binding, both_must_hold_where_both_are_named) {
    bring_proven("both");
    EXPECT_THAT(verdict(), HasSubstr("no verified client certificate"));
    EXPECT_THAT(source.uses, IsEmpty());
    certificate.emplace(hash_of_certificate);
    EXPECT_EQ(verdict(), "ok");
    bring("DPoP", "both");
    EXPECT_EQ(verdict(), "binding_unverified: there is no DPoP header");
}

TEST_F(binding, what_can_not_be_verified_is_refused_beside_what_can) {
    certificate.emplace(hash_of_certificate);
    bring_proven("faulty");
    EXPECT_EQ(verdict(), "binding_unverified: cnf has 'jwe', which can't be verified");
    EXPECT_FALSE(bad_proof);
}

TEST_F(binding, a_handshake_is_a_get) {
    websocket = true;
    bring_proven("key");
    EXPECT_EQ(verdict(), "ok");
    bring_proven("key", {{"jti", "p-2"}, {"htu", "wss://api.example.com/x"}});
    EXPECT_THAT(verdict(), HasSubstr("htu is 'wss://api.example.com/x'"));
}

TEST_F(binding, a_token_of_a_handshakes_subprotocols_proves_no_key) {
    websocket = true;
    headers = {{"Sec-WebSocket-Protocol", "bearer, key"}};
    routes[0].websocket.token_from.subprotocol = true;
    prove(client.make("key"));
    EXPECT_THAT(verdict(), HasSubstr("did not come as Authorization: DPoP"));
}

TEST_F(binding, the_proof_goes_with_the_token) {
    bring_proven("key");
    const decision made = run();
    const permit& leave = std::get<permit>(made);
    EXPECT_EQ(leave.token_header(), "Authorization");
    EXPECT_THAT(leave.credentials().more_headers, ElementsAre("DPoP"));
}

TEST_F(binding, the_proof_of_an_unbound_token_goes_too_where_dpop_is_on) {
    bring("Bearer", "free");
    prove("anything");
    EXPECT_THAT(std::get<permit>(run()).credentials().more_headers, Contains("DPoP"));
    set(dpop_mode::off);
    EXPECT_THAT(std::get<permit>(run()).credentials().more_headers, Not(Contains("DPoP"))) << "a header like any other";
}

TEST_F(binding, forward_token_keeps_both) {
    routes[0].forward_token = true;
    bring_proven("key");
    const decision made = run();
    EXPECT_EQ(std::get<permit>(made).token_header(), "");
    EXPECT_THAT(std::get<permit>(made).credentials().more_headers, IsEmpty());
}

TEST_F(binding, a_request_that_an_app_may_read_otherwise_uses_its_proof_once) {
    rules::route guarded = routes[0];
    guarded.name = guarded.pattern = "/Admin";
    guarded.segments = rules::parse_pattern("/Admin").value();
    routes.push_back(std::move(guarded));
    path = "/admin";
    bring_proven("key", {{"htu", "https://api.example.com/admin"}});
    EXPECT_EQ(verdict(), "ok");
    EXPECT_EQ(source.asked, 2) << "as each route's";
    EXPECT_THAT(source.uses, ElementsAre("p-1"));
    EXPECT_THAT(verdict(), HasSubstr("its jti was used before"));
}

TEST_F(binding, a_request_that_is_asked_for_again_uses_its_proof_once) {
    rules::route guarded = routes[0];
    guarded.name = guarded.pattern = "/Admin";
    guarded.segments = rules::parse_pattern("/Admin").value();
    guarded.providers = {1};
    routes.push_back(std::move(guarded));
    rules.providers[1].rules.dpop = dpop_mode::accepted;
    source.without_keys = "other";
    path = "/admin";
    bring_proven("key", {{"htu", "https://api.example.com/admin"}});
    inquiry asks;
    EXPECT_TRUE(std::holds_alternative<need>(asks.ask(view(), rules, source, scratch)));
    source.without_keys.clear();
    EXPECT_TRUE(std::holds_alternative<permit>(asks.ask(view(), rules, source, scratch)));
    EXPECT_THAT(source.uses, ElementsAre("p-1"));
}

TEST_F(binding, a_rehearsal_lets_a_bad_proof_pass_as_it_came) {
    routes[0].mode = rules::enforcement::observe_all;
    bring_proven("key", {{"htm", "POST"}});
    const decision made = run();
    const permit& leave = std::get<permit>(made);
    EXPECT_EQ(leave.observed(), reason::binding_unverified);
    EXPECT_EQ(leave.who(), nullptr);
    EXPECT_THAT(leave.credentials().more_headers, IsEmpty());
}

TEST_F(binding, nothing_is_remembered_by_default_so_that_nothing_counts) {
    class forgetful final : public outside {
    public:
        explicit forgetful(table_source& from) : outside(policies::now), from_(from) {}
        verification verify(const provider& by, std::string_view token) override { return from_.verify(by, token); }

    private:
        table_source& from_;
    } none(source);
    bring_proven("key");
    const decision made = decide(view(), rules, none, on_need::tell, scratch);
    EXPECT_EQ(std::get<denial>(made).why, reason::binding_unverified);
}

TEST_F(binding, an_explanation_says_what_is_missing) {
    bring("DPoP", "both");
    explanation told;
    (void)decide(view(), rules, source, on_need::tell, scratch, &told);
    const auto& steps = told.steps();
    const auto found = std::ranges::find(steps, "cnf", &step::check);
    ASSERT_NE(found, steps.end());
    EXPECT_EQ(found->outcome, step::mark::failed);
    EXPECT_THAT(json::serialize(found->expected), HasSubstr("jkt " + client.thumbprint));
    EXPECT_THAT(found->note, HasSubstr("no verified client certificate"));
}

} // namespace
} // namespace bearward::policies
