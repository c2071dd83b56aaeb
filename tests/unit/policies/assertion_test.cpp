// What an upstream gets to know of who asks, and that it can verify it.
#include "policies/assertion.hpp"

#include "policies/jose/key_set.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace bearward::policies {
namespace {

using namespace std::chrono_literals;
using jose::algorithm;
using testing::HasSubstr;

constexpr time_point now{1'800'000'000s};

identity make_identity() {
    identity who;
    who.provider = "main";
    who.user = "u-1";
    who.tenant = "t-1";
    who.roles = {"reader", "editor"};
    return who;
}

assertion_rules rules_with(algorithm alg) {
    auto made = make_assertion_rules(jose::signing_key::generate(alg).private_pem());
    EXPECT_TRUE(made) << made.error();
    made->issuer = "bearward";
    return *std::move(made);
}

tokens::verified_token_ptr verify(const assertion_rules& by, const std::string& token) {
    tokens::verification_rules rules;
    rules.provider = "app";
    rules.issuers = {std::string("bearward")};
    rules.audiences = {"app"};
    rules.algorithms = {by.alg};
    const auto keys = jose::parse_jwk_set(by.public_jwk, {.algorithms = rules.algorithms});
    EXPECT_TRUE(keys) << keys.error();
    const auto verified = tokens::verify_token(rules, *keys, token);
    EXPECT_TRUE(verified);
    return verified ? *verified : nullptr;
}

TEST(assertion_test, each_kind_of_key_has_its_algorithm_and_its_public_part_verifies) {
    for (const algorithm alg :
         {algorithm::es256, algorithm::es384, algorithm::es512, algorithm::rs256, algorithm::eddsa, algorithm::ed448}) {
        const assertion_rules rules = rules_with(alg);
        EXPECT_EQ(rules.alg, alg) << to_string(alg);
        const identity who = make_identity();
        const auto seen = verify(rules, make_assertion(rules, {who, "app", "GET", "/widgets"}, now, "id-1"));
        ASSERT_NE(seen, nullptr);
        EXPECT_EQ(seen->claims_verdict, reason::ok);
        EXPECT_EQ(seen->who.user, "u-1");
        EXPECT_EQ(seen->who.tenant, "t-1");
        EXPECT_EQ(seen->who.roles, who.roles);
        EXPECT_EQ(seen->id, "id-1");
        EXPECT_EQ(seen->issued_at, now);
        EXPECT_EQ(seen->expires, now + 60s);
        EXPECT_EQ(seen->who.claims.at("method"), "GET");
        EXPECT_EQ(seen->who.claims.at("path"), "/widgets");
    }
}

TEST(assertion_test, what_an_identity_lacks_is_not_claimed) {
    const assertion_rules rules = rules_with(algorithm::es256);
    const identity nobody;
    const auto seen = verify(rules, make_assertion(rules, {nobody, "app", "GET", "/"}, now, "id"));
    ASSERT_NE(seen, nullptr);
    EXPECT_FALSE(seen->who.claims.contains("sub"));
    EXPECT_FALSE(seen->who.claims.contains("tid"));
    EXPECT_TRUE(seen->who.claims.at("roles").as_array().empty());
}

TEST(assertion_test, the_kid_is_the_thumbprint_and_the_private_part_stays) {
    const assertion_rules rules = rules_with(algorithm::es256);
    const auto jwk = boost::json::parse(rules.public_jwk).as_object();
    EXPECT_EQ(jwk.at("kid").as_string().size(), 43U);
    EXPECT_FALSE(jwk.contains("d"));
}

TEST(assertion_test, keys_that_do_not_do_are_refused) {
    for (const auto* pem : {"", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
        EXPECT_FALSE(make_assertion_rules(pem)) << pem;
    }
    const auto public_part = make_assertion_rules(jose::signing_key::generate(algorithm::es256).public_pem());
    EXPECT_FALSE(public_part);
}

} // namespace
} // namespace bearward::policies
