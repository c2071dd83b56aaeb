// Providers that ask their issuer: which tokens they get, and what a decision does without an answer.
#include "policies/inquiry.hpp"
#include "policies/jose/base64url.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr time_point now{1'700'000'000s};

/// A JWS of this issuer; empty: none.
std::string jws_of(std::string_view issuer) {
    const std::string claims = issuer.empty() ? "{}" : R"({"iss":")" + std::string(issuer) + "\"}";
    return jose::encode_base64url(R"({"alg":"RS256"})") + '.' + jose::encode_base64url(claims) + ".c2ln";
}

/// Notes who is asked about which token; answers as it would without anything remembered.
class noting_outside final : public outside {
public:
    noting_outside() : outside(policies::now), direct_(policies::now) {}
    verification verify(const provider& by, std::string_view token) override {
        asked.push_back(by.rules.provider);
        return std::holds_alternative<introspection_provider>(by.how) ? direct_.verify(by, token)
                                                                      : std::unexpected(unverified(refusal(reason::signature_invalid)));
    }
    verification verify_after_need(const provider& by, std::string_view token) override {
        ++after_need;
        return verify(by, token);
    }

    std::vector<std::string> asked;
    int after_need = 0;

private:
    direct_outside direct_;
};

class introspection_decision : public ::testing::Test {
protected:
    enum : std::uint32_t { keys_of_a, keys_of_anybody, asks_anybody, asks_a, elsewhere };

    introspection_decision() {
        for (const char* name : {"keys of a", "keys of anybody", "asks anybody", "asks a", "elsewhere"}) {
            rules.providers.emplace_back().rules.provider = name;
        }
        rules.providers[keys_of_a].rules.issuers.emplace_back("https://a/");
        rules.providers[asks_a].rules.issuers.emplace_back("https://a/");
        for (const std::uint32_t index : {asks_anybody, asks_a, elsewhere}) {
            auto& made = rules.providers[index];
            made.rules.require_expiry = false;
            made.how = introspection_provider{
                .answers = std::make_shared<tokens::introspection_answers>(tokens::introspection_limits{}, tokens::hash_key{1, 2})};
        }
        rules.providers[elsewhere].names.header = "X-Opaque";
        route.name = "all";
        route.segments = rules::parse_pattern("/").value();
    }

    void use(std::vector<std::uint32_t> providers) {
        route.providers = std::move(providers);
        route.credential_names.clear();
        for (const std::uint32_t each : route.providers) {
            if (std::ranges::find(route.credential_names, rules.providers[each].names) == route.credential_names.end()) {
                route.credential_names.push_back(rules.providers[each].names);
            }
        }
    }

    decision ask(const std::string& token, policies::inquiry& asks, outside& around) {
        rules.routes = rules::route_table({route});
        value = "Bearer " + token;
        headers = {{"Authorization", value}};
        requests::request_view request;
        request.method = "GET";
        request.path = requests::parse_path("/", {}, paths).value();
        request.host = "example.com";
        request.headers = headers;
        return asks.ask(request, rules, around, scratch);
    }

    /// Who judges the token.
    std::string judge_of(const std::string& token) {
        noting_outside around;
        policies::inquiry asks;
        const decision made = ask(token, asks, around);
        if (const auto* refused = std::get_if<denial>(&made); refused != nullptr && around.asked.empty()) {
            return std::string(to_string(refused->why));
        }
        return around.asked.at(0);
    }

    tokens::introspection_answers& answers() { return *std::get<introspection_provider>(rules.providers[asks_anybody].how).answers; }

    snapshot rules;
    rules::route route;
    std::string value;
    std::vector<requests::header> headers;
    requests::path_scratch paths;
    requests::credential_scratch scratch;
};

TEST_F(introspection_decision, what_is_no_jws_goes_to_the_one_that_asks) {
    for (const auto& order :
         {std::vector<std::uint32_t>{keys_of_a, keys_of_anybody, asks_anybody}, {asks_anybody, keys_of_a}, {asks_anybody}}) {
        use(order);
        EXPECT_EQ(judge_of("2YotnFZFEjr1zCsicMWpAA"), "asks anybody");
        EXPECT_EQ(judge_of("a.b.c"), "asks anybody");
        EXPECT_EQ(judge_of("eyJhbGciOiJSUzI1NiJ9.a.b.c.d"), "asks anybody") << "encrypted";
    }
}

TEST_F(introspection_decision, a_jws_goes_there_only_where_no_provider_has_keys_for_it) {
    use({keys_of_a, asks_anybody});
    EXPECT_EQ(judge_of(jws_of("https://a/")), "keys of a");
    EXPECT_EQ(judge_of(jws_of("https://b/")), "asks anybody");
    EXPECT_EQ(judge_of(jws_of("")), "asks anybody");
    use({asks_anybody, keys_of_anybody});
    EXPECT_EQ(judge_of(jws_of("https://b/")), "keys of anybody");
    EXPECT_EQ(judge_of(jws_of("")), "keys of anybody");
    use({asks_a, keys_of_a});
    EXPECT_EQ(judge_of(jws_of("https://a/")), "keys of a") << "of two with the same issuer the one with keys";
    use({asks_a, keys_of_anybody});
    EXPECT_EQ(judge_of(jws_of("https://a/")), "asks a") << "its issuer's own provider";
    EXPECT_EQ(judge_of(jws_of("https://b/")), "keys of anybody");
    use({asks_anybody});
    EXPECT_EQ(judge_of(jws_of("https://a/")), "asks anybody");
}

TEST_F(introspection_decision, its_place_counts) {
    use({keys_of_a, elsewhere});
    EXPECT_EQ(judge_of("opaque"), "keys of a") << "which refuses it: nobody is asked about what was sent elsewhere";
}

TEST_F(introspection_decision, without_an_answer_it_needs_one) {
    use({asks_anybody});
    noting_outside around;
    policies::inquiry asks;
    decision made = ask("opaque", asks, around);
    const auto& lacking = std::get<need>(made);
    EXPECT_EQ(lacking.what, need::kind::answer);
    EXPECT_EQ(lacking.of, &rules.providers[asks_anybody]);
    EXPECT_EQ(lacking.token, "opaque");
    EXPECT_EQ(around.after_need, 0);
    answers().fail("opaque", "answered 500");
    made = ask("opaque", asks, around);
    const auto& refused = std::get<denial>(made);
    EXPECT_EQ(refused.why, reason::introspection_unavailable);
    EXPECT_EQ(refused.cause, "provider 'asks anybody': answered 500");
    EXPECT_EQ(refused.retry_after, 1s);
    EXPECT_EQ(around.after_need, 1);
}

TEST_F(introspection_decision, where_nobody_can_be_asked_it_is_said_at_once_and_without_the_token) {
    use({asks_anybody});
    direct_outside around(now);
    policies::inquiry asks(false);
    const decision made = ask("2YotnFZFEjr1zCsicMWpAA", asks, around);
    EXPECT_EQ(std::get<denial>(made).why, reason::introspection_unavailable);
    EXPECT_THAT(std::get<denial>(made).cause, Not(HasSubstr("2Yotn")));
}

TEST_F(introspection_decision, the_answer_decides) {
    use({asks_anybody});
    direct_outside around(now);
    auto who = std::make_shared<tokens::verified_token>();
    who->who.user = "u-1";
    who->expires = now + 10s;
    answers().insert("good", who, now);
    answers().insert("bad", std::unexpected(refusal(reason::token_inactive)), now);
    policies::inquiry first;
    const decision good = ask("good", first, around);
    EXPECT_EQ(std::get<permit>(good).who()->user, "u-1");
    EXPECT_EQ(std::get<permit>(good).expires(), now + 10s + 30s) << "with the allowance for clocks, as a JWT";
    policies::inquiry second;
    const decision bad = ask("bad", second, around);
    EXPECT_EQ(std::get<denial>(bad).why, reason::token_inactive);
}

TEST_F(introspection_decision, a_long_token_is_nobodys_to_ask_about) {
    use({asks_anybody});
    rules.providers[asks_anybody].rules.max_token = 10;
    direct_outside around(now);
    policies::inquiry asks;
    EXPECT_EQ(std::get<denial>(ask("12345678901", asks, around)).why, reason::token_malformed);
}

TEST_F(introspection_decision, a_token_about_events_is_nobodys_to_ask_about) {
    use({asks_anybody});
    const auto outcome = [&](std::string_view header, std::string_view claims, std::string_view rest = ".c2ln") {
        direct_outside around(now);
        policies::inquiry asks;
        const std::string token = jose::encode_base64url(header) + '.' + jose::encode_base64url(claims) + std::string(rest);
        const decision made = ask(token, asks, around);
        const auto* const refused = std::get_if<denial>(&made);
        return refused != nullptr ? refused->why : reason::ok;
    };
    for (const char* type : {"logout+jwt", "secevent+jwt", "application/SecEvent+JWT"}) {
        const std::string header = R"({"alg":"RS256","typ":")" + std::string(type) + "\"}";
        EXPECT_EQ(outcome(header, "{}"), reason::type_mismatch) << type;
        EXPECT_EQ(outcome(header, "no JSON"), reason::type_mismatch) << type;
        EXPECT_EQ(outcome(header, "{}", ".a.b.c"), reason::type_mismatch) << "encrypted";
    }
    for (const char* events : {R"({"x":{}})", "{}", "1", "false"}) {
        EXPECT_EQ(outcome(R"({"alg":"RS256"})", R"({"events":)" + std::string(events) + "}"), reason::type_mismatch) << events;
    }
    EXPECT_NE(outcome(R"({"alg":"RS256","typ":"JWT"})", R"({"events":null})"), reason::type_mismatch);
    EXPECT_NE(outcome(R"({"alg":"RS256","typ":1})", "[]"), reason::type_mismatch);
}

TEST_F(introspection_decision, revocations_count) {
    use({asks_anybody});
    rules.providers[asks_anybody].rules.revoked = tokens::parse_revocation_list("user:u-1").list;
    auto who = std::make_shared<tokens::verified_token>();
    who->who.user = "u-1";
    answers().insert("good", who, now);
    direct_outside around(now);
    policies::inquiry asks;
    EXPECT_EQ(std::get<denial>(ask("good", asks, around)).why, reason::token_revoked);
}

} // namespace
} // namespace bearward::policies
