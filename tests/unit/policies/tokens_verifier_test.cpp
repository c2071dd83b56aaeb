// Each reason for which a token is refused, and the boundaries between them.
#include "jose_test_tokens.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

using namespace bearward::policies;
using namespace bearward::policies::tokens;
using namespace std::chrono_literals;
using jose::algorithm;
using testing::ElementsAre;
using testing::Eq;
using testing::Optional;
namespace test = bearward::policies::jose::test;

namespace {

verification_rules test_rules(std::vector<algorithm> algorithms) {
    verification_rules rules;
    rules.provider = "main";
    rules.algorithms = std::move(algorithms);
    return rules;
}

constexpr auto now = time_point(1'800'000'000s);
const std::string secret(64, 's');
const std::string expiry = R"("exp":1800000600)";

/// A provider with the algorithms HS256 and HS512, one secret, and no other demands.
struct token_verifier : testing::Test {
    verification_rules rules = test_rules({algorithm::hs256, algorithm::hs512});
    jose::key_set keys = jose::make_secret_key_set(secret, test::options_for(rules.algorithms)).value();

    static std::string minted(std::string_view claims, std::string_view header = R"({"alg":"HS256"})") {
        return test::mint(jose::signing_key::from_secret(secret), algorithm::hs256, header, claims);
    }
    static std::string with(const std::string& claim) { return "{" + expiry + "," + claim + "}"; }

    reason verdict(std::string_view token, time_point at = now) const {
        const auto verified = verify_token(rules, keys, token);
        return verified ? judge_token(rules, **verified, at, find_revocation(rules, **verified, at)) : verified.error().why;
    }
    reason verdict_on(std::string_view claims, time_point at = now) const { return verdict(minted(claims), at); }
};

TEST_F(token_verifier, reads_the_identity) {
    const auto verified = verify_token(
        rules, keys,
        minted(R"({"exp":1800000600.25,"nbf":1,"iat":2,"jti":"t-1","sub":"u-1","tid":7,"roles":["a","b"],"scope":"x y","scp":"z"})"));
    ASSERT_TRUE(verified);
    const verified_token& token = **verified;
    EXPECT_EQ(token.who.provider, "main");
    EXPECT_EQ(token.who.user, "u-1");
    EXPECT_EQ(token.who.tenant, "7");
    EXPECT_THAT(token.who.roles, ElementsAre("a", "b"));
    EXPECT_THAT(token.who.scopes, ElementsAre("x", "y", "z"));
    EXPECT_THAT(token.who.expires, Optional(Eq(time_point(1'800'000'600'250ms))));
    EXPECT_EQ(token.expires, token.who.expires);
    EXPECT_THAT(token.not_before, Optional(Eq(time_point(1s))));
    EXPECT_THAT(token.issued_at, Optional(Eq(time_point(2s))));
    EXPECT_EQ(token.id, "t-1");
    EXPECT_EQ(token.who.claims.at("scp"), "z");
    EXPECT_EQ(judge_token(rules, token, now, {}), reason::ok);
}

TEST_F(token_verifier, maps_claims_as_configured) {
    rules.claims = {.user = {.sources = {{.path = {"email"}}, {.path = {"sub"}}}, .written = true},
                    .tenant = {.sources = {{.path = {"org", "id"}}}, .written = true},
                    .roles = {.sources = {{.path = {"realm_access", "roles"}}}, .written = true},
                    .scopes = {.sources = {{.path = {"p"}}}, .written = true}};
    const auto verified = verify_token(
        rules, keys, minted(R"({"sub":"u-1","email":"u@x.example","org":{"id":"t-1"},"realm_access":{"roles":["r"]},"p":"a","roles":7})"));
    ASSERT_TRUE(verified);
    EXPECT_EQ((*verified)->who.user, "u@x.example");
    EXPECT_EQ((*verified)->who.tenant, "t-1");
    EXPECT_THAT((*verified)->who.roles, ElementsAre("r"));
    EXPECT_THAT((*verified)->who.scopes, ElementsAre("a"));
}

TEST_F(token_verifier, token_malformed_by_form) {
    EXPECT_EQ(verdict(""), reason::token_malformed);
    EXPECT_EQ(verdict("abc"), reason::token_malformed);
    EXPECT_EQ(verdict("a.b.c.d.e"), reason::token_malformed);
    EXPECT_EQ(verdict(minted("{" + expiry + "}") + "="), reason::token_malformed);
    EXPECT_EQ(verdict(minted("{" + expiry + "}", R"({"alg":"HS256","crit":["x"]})")), reason::token_malformed);
}

TEST_F(token_verifier, token_malformed_by_signed_payloads_that_are_no_strict_object) {
    for (const char* payload : {"", "[]", "null", "text", R"({"sub":"a","sub":"b"})", R"({"a":"\ud800"})", "{\"a\":\"\xFF\"}",
                                "\xEF\xBB\xBF{}", R"({"a":{"b":1,"b":1}})", "{}{}"}) {
        EXPECT_EQ(verdict_on(payload), reason::token_malformed) << payload;
    }
}

TEST_F(token_verifier, token_malformed_by_length) {
    const std::string token = minted("{" + expiry + "}");
    rules.max_token = token.size();
    EXPECT_EQ(verdict(token), reason::ok);
    rules.max_token = token.size() - 1;
    EXPECT_EQ(verdict(token), reason::token_malformed);
}

TEST_F(token_verifier, token_malformed_by_claims_of_a_wrong_type) {
    rules.claims.user.written = rules.claims.tenant.written = rules.claims.roles.written = rules.claims.scopes.written = true;
    for (const char* claim :
         {R"("nbf":"1")", R"("nbf":-1)", R"("iat":true)", R"("iat":9007199254740993)", R"("sub":1.5)", R"("sub":["u"])", R"("tid":{})",
          R"("tid":true)", R"("roles":{"admin":true})", R"("roles":["a",1.5])", R"("scope":false)", R"("jti":[])"}) {
        EXPECT_EQ(verdict_on(with(claim)), reason::token_malformed) << claim;
    }
    EXPECT_EQ(verdict_on(R"({"exp":"1800000600"})"), reason::token_malformed);
    EXPECT_EQ(verdict_on(R"({"exp":null})"), reason::claim_missing);
    for (const char* claim : {R"("nbf":null)", R"("iat":null)", R"("sub":null)", R"("tid":null)", R"("roles":null)", R"("scope":null)",
                              R"("jti":null)", R"("sid":null)", R"("roles":[1,null])"}) {
        EXPECT_EQ(verdict_on(with(claim)), reason::ok) << claim;
    }
    EXPECT_EQ(verdict_on(with(R"("scope":"a","scp":7)")), reason::ok); // the second of the paths isn't looked at
}

TEST_F(token_verifier, algorithm_not_allowed) {
    const std::string claims = "{" + expiry + "}";
    EXPECT_EQ(verdict(minted(claims, R"({"alg":"RS256"})")), reason::algorithm_not_allowed);
    EXPECT_EQ(verdict(minted(claims, R"({"alg":"HS384"})")), reason::algorithm_not_allowed);
    EXPECT_EQ(verdict(minted(claims, R"({"alg":"none"})")), reason::algorithm_not_allowed);
    EXPECT_EQ(verdict(jose::encode_base64url(R"({"alg":"none"})") + "." + jose::encode_base64url(claims) + "."),
              reason::algorithm_not_allowed);
    EXPECT_EQ(verdict(jose::encode_base64url(R"({"alg":"nOne"})") + "." + jose::encode_base64url(claims) + ".AAAA"),
              reason::algorithm_not_allowed);
}

TEST_F(token_verifier, algorithm_not_allowed_when_an_rsa_public_key_is_used_as_hmac_secret) {
    const std::string pem = test::shared_key(algorithm::rs256).public_pem();
    const std::string forged = test::mint(jose::signing_key::from_secret(pem), algorithm::hs256, "{" + expiry + "}");
    for (const std::vector<algorithm>& listed : {std::vector{algorithm::rs256}, std::vector{algorithm::rs256, algorithm::hs256}}) {
        rules.algorithms = listed;
        keys = jose::parse_pem_keys(pem, test::options_for(listed)).value();
        EXPECT_EQ(verdict(forged), reason::algorithm_not_allowed);
        EXPECT_EQ(verdict(test::mint(test::shared_key(algorithm::rs256), algorithm::rs256, "{" + expiry + "}")), reason::ok);
    }
}

TEST_F(token_verifier, signature_invalid) {
    EXPECT_EQ(verdict(test::mint(jose::signing_key::from_secret(std::string(64, 't')), algorithm::hs256, "{" + expiry + "}")),
              reason::signature_invalid);
    const std::string good = minted("{" + expiry + "}");
    const std::string other = minted(R"({"exp":1900000000})");
    EXPECT_EQ(verdict(good.substr(0, good.rfind('.')) + other.substr(other.rfind('.'))), reason::signature_invalid);
    // The right bytes under another allowed algorithm.
    EXPECT_EQ(verdict(minted("{" + expiry + "}", R"({"alg":"HS512"})")), reason::signature_invalid);
}

TEST_F(token_verifier, a_secret_ignores_kid) {
    EXPECT_EQ(verdict(minted("{" + expiry + "}", R"({"alg":"HS256","kid":"any"})")), reason::ok);
}

TEST_F(token_verifier, token_expired_from_exp_plus_skew_on) {
    const std::string claims = R"({"exp":1800000000})";
    EXPECT_EQ(verdict_on(claims, now + 30s - 1ms), reason::ok);
    EXPECT_EQ(verdict_on(claims, now + 30s), reason::token_expired);
    rules.clock_skew = 0ms;
    EXPECT_EQ(verdict_on(claims, now - 1ms), reason::ok);
    EXPECT_EQ(verdict_on(claims, now), reason::token_expired);
    EXPECT_EQ(verdict_on(R"({"exp":1800000000.5})", now + 499ms), reason::ok);
    EXPECT_EQ(verdict_on(R"({"exp":1800000000.5})", now + 500ms), reason::token_expired);
    EXPECT_EQ(verdict_on(R"({"exp":0})"), reason::token_expired);
}

TEST_F(token_verifier, token_not_yet_valid_before_nbf_minus_skew) {
    EXPECT_EQ(verdict_on(with(R"("nbf":1800000030)")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("nbf":1800000030)"), now - 1ms), reason::token_not_yet_valid);
    EXPECT_EQ(verdict_on(with(R"("nbf":1800000031)")), reason::token_not_yet_valid);
}

TEST_F(token_verifier, token_not_yet_valid_when_issued_in_the_future) {
    EXPECT_EQ(verdict_on(with(R"("iat":1800000030)")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("iat":1800000031)")), reason::token_not_yet_valid);
}

TEST_F(token_verifier, the_largest_dates_and_skews_do_not_overflow) {
    rules.clock_skew = std::chrono::milliseconds::max();
    EXPECT_EQ(verdict_on(R"({"exp":9007199254740992,"nbf":9007199254740992,"iat":9007199254740992})"), reason::ok);
    rules.clock_skew = 30s;
    rules.max_lifetime = 24h;
    EXPECT_EQ(verdict_on(R"({"exp":9007199254740992,"iat":0})"), reason::lifetime_too_long);
    EXPECT_EQ(verdict_on(R"({"exp":9007199254740992,"nbf":9007199254740992})"), reason::token_not_yet_valid);
}

TEST_F(token_verifier, claim_missing_without_exp_unless_it_is_not_required) {
    EXPECT_EQ(verdict_on("{}"), reason::claim_missing);
    rules.require_expiry = false;
    EXPECT_EQ(verdict_on("{}"), reason::ok);
    EXPECT_EQ(verdict_on(R"({"exp":1})"), reason::token_expired);
}

TEST_F(token_verifier, issuer_mismatch) {
    rules.issuers = {{"https://id.example.com/"}};
    EXPECT_EQ(verdict_on(with(R"("iss":"https://id.example.com/")")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("iss":"https://id.example.com")")), reason::issuer_mismatch);
    EXPECT_EQ(verdict_on(with(R"("iss":["https://id.example.com/"])")), reason::issuer_mismatch);
    EXPECT_EQ(verdict_on(with(R"("iss":null)")), reason::issuer_mismatch);
    EXPECT_EQ(verdict_on("{" + expiry + "}"), reason::issuer_mismatch);
}

TEST_F(token_verifier, audience_mismatch) {
    rules.audiences = {"api", "api2"};
    EXPECT_EQ(verdict_on(with(R"("aud":"api2")")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("aud":["other","api"])")), reason::ok);
    for (const char* claim :
         {R"("aud":"other")", R"("aud":"API")", R"("aud":"api other")", R"("aud":[])", R"("aud":"")", R"("aud":null)", R"("x":1)"}) {
        EXPECT_EQ(verdict_on(with(claim)), reason::audience_mismatch) << claim;
    }
    for (const char* claim : {R"("aud":7)", R"("aud":["api",7])", R"("aud":{"api":1})"}) {
        EXPECT_EQ(verdict_on(with(claim)), reason::token_malformed) << claim;
    }
}

TEST_F(token_verifier, audiences_are_not_looked_at_when_none_is_configured) {
    EXPECT_EQ(verdict_on(with(R"("aud":"other")")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("aud":7)")), reason::ok);
}

TEST_F(token_verifier, type_mismatch) {
    const std::string claims = "{" + expiry + "}";
    for (const char* type : {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/JWT"}) {
        EXPECT_EQ(verdict(minted(claims, R"({"alg":"HS256","typ":")" + std::string(type) + "\"}")), reason::ok) << type;
    }
    for (const char* type : {"", "JWS", "dpop+jwt", "logout+jwt", "application/", "application/application/jwt", "text/jwt", "JWT "}) {
        EXPECT_EQ(verdict(minted(claims, R"({"alg":"HS256","typ":")" + std::string(type) + "\"}")), reason::type_mismatch) << type;
    }
    EXPECT_EQ(verdict(minted(claims)), reason::ok);
    rules.require_type = true;
    EXPECT_EQ(verdict(minted(claims)), reason::type_mismatch);
}

TEST_F(token_verifier, required_claims_claim_missing_and_claim_mismatch) {
    rules.required_claims = {{.path = {"token_use"}, .present_only = false, .values = {"access", "service"}}};
    EXPECT_EQ(verdict_on(with(R"("token_use":"access")")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("token_use":["id","service"])")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("token_use":"id")")), reason::claim_mismatch);
    EXPECT_EQ(verdict_on("{" + expiry + "}"), reason::claim_missing);
    rules.required_claims = {{.path = {"level"}, .present_only = false, .values = {"3"}}};
    EXPECT_EQ(verdict_on(with(R"("level":3)")), reason::ok) << "integers are taken as text";
    EXPECT_EQ(verdict_on(with(R"("level":3.5)")), reason::claim_mismatch);
    rules.required_claims = {{.path = {"a", "b"}, .present_only = true, .values = {}}};
    EXPECT_EQ(verdict_on(with(R"("a":{"b":false})")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("a":1)")), reason::claim_mismatch) << "something else is there";
    for (const char* claim :
         {R"("a":[])", R"("a":{"b":null})", R"("a":{"b":""})", R"("a":{"b":[]})", R"("a":{"b":[null]})", R"("a":{"b":[""]})"}) {
        EXPECT_EQ(verdict_on(with(claim)), reason::claim_missing) << claim;
    }
}

TEST_F(token_verifier, lifetime_too_long) {
    rules.max_lifetime = 1h;
    EXPECT_EQ(verdict_on(R"({"exp":1800003600,"iat":1800000000})"), reason::ok);
    EXPECT_EQ(verdict_on(R"({"exp":1800003600.001,"iat":1800000000})"), reason::lifetime_too_long);
    EXPECT_EQ(verdict_on(R"({"exp":1800003600})"), reason::claim_missing);
    rules.require_expiry = false;
    EXPECT_EQ(verdict_on(R"({"iat":1800000000})"), reason::claim_missing);
}

TEST_F(token_verifier, a_token_without_a_user_is_refused_where_one_is_required) {
    rules.require_user = true;
    for (const char* claim : {R"("x":1)", R"("sub":null)", R"("sub":"")"}) {
        EXPECT_EQ(verdict_on(with(claim)), reason::claim_missing) << claim;
    }
    EXPECT_EQ(verdict_on(with(R"("sub":"ada")")), reason::ok);
}

TEST_F(token_verifier, what_tells_of_events_is_never_a_credential) {
    rules.types = {"JWT", "logout+jwt", "secevent+jwt"};
    EXPECT_EQ(verdict_on(with(R"("events":{})")), reason::type_mismatch);
    EXPECT_EQ(verdict_on(with(R"("events":null)")), reason::ok);
}

TEST_F(token_verifier, an_issuer_is_one_of_a_list_or_fits_a_template_by_its_own_claims) {
    rules.issuers = {{"https://a/"}, {"https://b/"}};
    EXPECT_EQ(verdict_on(with(R"("iss":"https://b/")")), reason::ok);
    EXPECT_EQ(verdict_on(with(R"("iss":"https://c/")")), reason::issuer_mismatch);
    rules.issuers = {*issuer_pattern::parse("https://login.test/{tid}/v2.0")};
    EXPECT_EQ(verdict_on(with(R"("iss":"https://login.test/t-1/v2.0","tid":"t-1")")), reason::ok);
    for (const char* claim :
         {R"("iss":"https://login.test/t-2/v2.0","tid":"t-1")", R"("iss":"https://login.test//v2.0","tid":"")",
          R"("iss":"https://login.test/t-1/v2.0")", R"("iss":"https://login.test/1/v2.0","tid":1)",
          R"("iss":"https://login.test/a/b/v2.0","tid":"a/b")", R"("iss":"https://login.test/{tid}/v2.0","tid":"{tid}")"}) {
        EXPECT_EQ(verdict_on(with(claim)), reason::issuer_mismatch) << claim;
    }
}

TEST(issuer_pattern, templates_overlap_where_one_issuer_can_have_both_forms) {
    const auto overlap = [](const char* left, const char* right) {
        return issuer_pattern::overlap(*issuer_pattern::parse(left), *issuer_pattern::parse(right));
    };
    EXPECT_TRUE(overlap("https://x/{tid}/v2.0", "https://x/{org}/v2.0"));
    EXPECT_TRUE(overlap("https://x/{tid}", "https://x/a-{org}"));
    EXPECT_TRUE(overlap("https://{a}.x/", "https://y-{b}.x/"));
    EXPECT_FALSE(overlap("https://x/{tid}/v2.0", "https://x/{org}/v1.0"));
    EXPECT_FALSE(overlap("https://x/{tid}", "https://x/a/{org}"));
    EXPECT_FALSE(overlap("https://x/{tid}a", "https://x/{org}/"));
    EXPECT_TRUE(overlap("https://x/", "https://x/"));
    for (const char* bad : {"https://x/{", "https://x/}", "https://x/{}", "https://x/{a{b}}", "https://x/{a}{b}"}) {
        EXPECT_FALSE(issuer_pattern::parse(bad)) << bad;
    }
}

TEST_F(token_verifier, a_refusal_says_what_exactly) {
    rules.issuers = {{"https://id/"}};
    const auto judged_cause = [&](std::string_view claims) {
        const auto verified = verify_token(rules, keys, minted(claims));
        return verified ? judgement_cause(rules, **verified, now, {}, judge_token(rules, **verified, now, {})) : verified.error().cause;
    };
    EXPECT_THAT(judged_cause(with(R"("iss":"https://id")")), testing::HasSubstr("slash"));
    EXPECT_THAT(judged_cause(with(R"("iss":"other")")), testing::AllOf(testing::HasSubstr("'other'"), testing::HasSubstr("'https://id/'")));
    EXPECT_THAT(judged_cause(R"({"iss":"https://id/","exp":1})"), testing::HasSubstr("exp 1970-01-01T00:00:01Z"));
    EXPECT_EQ(judged_cause(R"({"iss":"https://id/"})"), "no exp");
    rules.claims.user.written = true;
    EXPECT_THAT(judged_cause(with(R"("sub":{})")), testing::HasSubstr("user"));
}

TEST_F(token_verifier, binding_unverified) {
    EXPECT_EQ(verdict_on(with(R"("cnf":{"jkt":"x"})")), reason::binding_unverified);
    EXPECT_EQ(verdict_on(with(R"("cnf":null)")), reason::ok) << "null is absent";
    rules.dpop = dpop_mode::required;
    EXPECT_EQ(verdict_on("{" + expiry + "}"), reason::binding_unverified) << "without a request nothing is proven";
}

TEST_F(token_verifier, a_binding_says_what_a_request_would_have_to_prove) {
    const std::string hash = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
    const auto cause = [&](const std::string& members) {
        const auto verified = verify_token(rules, keys, minted(with("\"cnf\":{" + members + "}")));
        return judgement_cause(rules, **verified, now, {}, judge_token(rules, **verified, now, {}));
    };
    const std::string certificate = R"("x5t#S256":")" + hash + "\"";
    const std::string key = R"("jkt":")" + hash + "\"";
    EXPECT_EQ(cause(certificate), "a request with the token needs the client certificate of cnf.x5t#S256 in its connection");
    EXPECT_EQ(cause(key), "the token has cnf.jkt, and the provider has dpop: off");
    EXPECT_EQ(cause(R"("jwk":{})"), "cnf has 'jwk', which can't be verified");
    rules.dpop = dpop_mode::accepted;
    EXPECT_EQ(cause(key), "a request with the token needs a DPoP proof by the key of cnf.jkt");
    EXPECT_EQ(
        cause(key + "," + certificate),
        "a request with the token needs the client certificate of cnf.x5t#S256 in its connection, and a DPoP proof by the key of cnf.jkt");
    rules.dpop = dpop_mode::required;
    EXPECT_EQ(cause(certificate), "the provider has dpop: required, and the token has no cnf.jkt");
}

TEST_F(token_verifier, of_several_faults_the_first_in_their_order_is_reported) {
    rules.issuers = {{"i"}};
    rules.audiences = {"a"};
    rules.require_type = true;
    rules.required_claims = {{.path = {"x"}, .present_only = true, .values = {}}};
    const std::string faults = R"("cnf":{},"iss":"other","aud":"other")";
    EXPECT_EQ(verdict_on(R"({"exp":1,"nbf":1900000000,)" + faults + "}"), reason::token_expired);
    EXPECT_EQ(verdict_on(with(R"("nbf":1900000000,)" + faults)), reason::token_not_yet_valid);
    EXPECT_EQ(verdict_on(with(faults)), reason::issuer_mismatch);
    EXPECT_EQ(verdict_on(with(R"("cnf":{},"iss":"i","aud":"other")")), reason::audience_mismatch);
    EXPECT_EQ(verdict_on(with(R"("cnf":{},"iss":"i","aud":"a")")), reason::type_mismatch);
    rules.require_type = false;
    EXPECT_EQ(verdict_on(with(R"("cnf":{},"iss":"i","aud":"a")")), reason::claim_missing);
    rules.revoked = parse_revocation_list("user:u-1").list;
    EXPECT_EQ(verdict_on(with(R"("cnf":{},"iss":"i","aud":"a","sub":"u-1")")), reason::claim_missing);
    EXPECT_EQ(verdict_on(with(R"("cnf":{},"iss":"i","aud":"a","sub":"u-1","x":1)")), reason::token_revoked);
    EXPECT_EQ(verdict_on(with(R"("cnf":{},"iss":"i","aud":"a","sub":"u-2","x":1)")), reason::binding_unverified);
}

TEST_F(token_verifier, token_revoked_by_token_user_or_tenant) {
    rules.revoked = parse_revocation_list("jti:t-1\nuser:u-1\ntenant:7\n").list;
    EXPECT_EQ(verdict_on(with(R"("jti":"t-1","sub":"u-2")")), reason::token_revoked);
    EXPECT_EQ(verdict_on(with(R"("sub":"u-1")")), reason::token_revoked);
    EXPECT_EQ(verdict_on(with(R"("sub":"u-2","tid":7)")), reason::token_revoked) << "numbers count as text";
    EXPECT_EQ(verdict_on(with(R"("jti":"u-1","sub":"7","tid":"t-1")")), reason::ok);
    EXPECT_EQ(verdict_on("{" + expiry + "}"), reason::ok) << "a token that names nobody is not listed";
    rules.claims.user = {.sources = {{.path = {"email"}}}, .written = true};
    EXPECT_EQ(verdict_on(with(R"("sub":"u-1","email":"a@b")")), reason::ok) << "the user is who the mapping says";
    EXPECT_EQ(verdict_on(with(R"("email":"u-1")")), reason::token_revoked);
}

TEST_F(token_verifier, every_algorithm_verifies_end_to_end) {
    for (const algorithm value : test::all_algorithms) {
        rules.algorithms = {value};
        keys = test::keys_of(test::shared_key(value).jwk(value, "k"), rules.algorithms);
        EXPECT_EQ(verdict(test::mint(test::shared_key(value), value, "{" + expiry + "}")), reason::ok) << to_string(value);
    }
}

} // namespace
