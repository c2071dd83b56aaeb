// What a verified token says of its bearer where claims have other forms than the
// mapping reads, and where it names several tenants.
#include "policies/tokens/token_verifier.hpp"

#include "jose_test_tokens.hpp"

#include <gmock/gmock.h>

#include <string>

namespace bearward::policies::tokens {
namespace {

using namespace std::chrono_literals;
using jose::algorithm;
namespace test = jose::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr time_point now{1'700'000'000s};

class mapping_test : public ::testing::Test {
protected:
    mapping_test() {
        rules.provider = "main";
        rules.algorithms = {algorithm::hs256};
        keys = test::keys_of(test::shared_key(algorithm::hs256).jwk(algorithm::hs256, "k"), rules.algorithms);
    }

    std::expected<verified_token_ptr, refusal> verify(const std::string& claims) {
        return verify_token(rules, keys,
                            test::mint(test::shared_key(algorithm::hs256), algorithm::hs256, R"({"exp":1700000600,)" + claims + "}"));
    }
    reason judge(const std::string& claims) {
        const auto verified = verify(claims);
        return verified ? judge_token(rules, **verified, now, find_revocation(rules, **verified, now)) : verified.error().why;
    }

    verification_rules rules;
    jose::key_set keys;
};

TEST_F(mapping_test, a_path_that_meets_something_else_is_unreadable) {
    rules.claims.roles.sources = {{.path = {"realm_access", "roles"}}};
    rules.claims.roles.written = false;
    for (const char* claims : {R"("realm_access":"admin")", R"("realm_access":["admin"])", R"("realm_access":1)"}) {
        const auto verified = verify(std::string(R"("sub":"u",)") + claims);
        ASSERT_TRUE(verified) << claims;
        EXPECT_TRUE((*verified)->who.unknown.roles) << claims;
    }
    rules.claims.roles.written = true;
    EXPECT_EQ(judge(R"("sub":"u","realm_access":"admin")"), reason::token_malformed);
    EXPECT_EQ(judge(R"("sub":"u","realm_access":[])"), reason::ok) << "nothing is there";
    EXPECT_EQ(judge(R"("sub":"u","realm_access":{})"), reason::ok);
    rules.claims.user = {.sources = {{.path = {"profile", "id"}}, {.path = {"sub"}}}, .written = true};
    EXPECT_EQ(judge(R"("sub":"u","profile":"p")"), reason::token_malformed) << "no later source is asked";
}

TEST_F(mapping_test, a_form_that_the_default_mapping_cant_read_is_unknown_and_says_nothing) {
    for (const char* claims : {R"("roles":[{"name":"sales"}])", R"("roles":{"admin":true})", R"("roles":1.5)"}) {
        const auto verified = verify(std::string(R"("sub":"u",)") + claims);
        ASSERT_TRUE(verified) << claims;
        EXPECT_TRUE((*verified)->who.unknown.roles) << claims;
        EXPECT_THAT((*verified)->who.roles, IsEmpty()) << claims;
        EXPECT_FALSE((*verified)->who.unknown.scopes) << claims;
    }
    const auto tenant = verify(R"("sub":"u","tid":{"id":"t-1"},"scope":"a","scp":{"b":1})");
    ASSERT_TRUE(tenant);
    EXPECT_TRUE((*tenant)->who.unknown.tenant);
    EXPECT_EQ((*tenant)->who.tenant, "");
    EXPECT_TRUE((*tenant)->who.unknown.scopes);
    EXPECT_THAT((*tenant)->who.scopes, IsEmpty());
    rules.require_user = true;
    EXPECT_EQ(judge(R"("sub":{"id":1})"), reason::claim_missing);
    EXPECT_EQ(judge(R"("sub":["u"])"), reason::claim_missing);
}

TEST_F(mapping_test, a_form_that_a_written_mapping_cant_read_refuses_the_token) {
    rules.claims.user.written = rules.claims.tenant.written = rules.claims.roles.written = rules.claims.scopes.written = true;
    for (const char* claims : {R"("roles":[{"name":"sales"}])", R"("tid":{})", R"("scp":true)", R"("sub":["u"])"}) {
        const auto verified = verify(claims);
        ASSERT_FALSE(verified) << claims;
        EXPECT_EQ(verified.error().why, reason::token_malformed) << claims;
        EXPECT_THAT(verified.error().cause, HasSubstr("of a wrong type")) << claims;
    }
    EXPECT_EQ(judge(R"("roles":null,"tid":null,"scp":null,"sub":null)"), reason::ok) << "null is absent";
}

TEST_F(mapping_test, an_array_of_tenants_is_several_and_one_of_one_is_that_one) {
    const auto several = verify(R"("sub":"u","tid":["a",7,"a",null])");
    ASSERT_TRUE(several);
    EXPECT_EQ((*several)->who.tenant, "");
    EXPECT_THAT((*several)->who.tenants, ElementsAre("a", "7"));
    const auto single = verify(R"("sub":"u","tid":["a"])");
    ASSERT_TRUE(single);
    EXPECT_EQ((*single)->who.tenant, "a");
    EXPECT_THAT((*single)->who.tenants, IsEmpty());
}

TEST_F(mapping_test, a_revocation_hits_what_can_be_read_of_the_tenants) {
    rules.revoked = parse_revocation_list("tenant:t\n").list;
    for (const char* tenant : {R"(["t",{"x":1}])", R"([1.5,"t"])", R"([["a"],"a","t"])"}) {
        const std::string claims = std::string(R"("sub":"u","tid":)") + tenant;
        EXPECT_EQ(judge(claims), reason::token_revoked) << tenant;
        const auto verified = verify(claims);
        ASSERT_TRUE(verified) << tenant;
        EXPECT_TRUE((*verified)->who.unknown.tenant) << tenant;
        EXPECT_EQ((*verified)->who.tenant, "") << tenant;
        EXPECT_THAT((*verified)->who.tenants, IsEmpty()) << "nothing else counts them";
        EXPECT_EQ(find_revocation(rules, **verified, now).value().cause, "tenant 't' is revoked");
    }
    EXPECT_EQ(judge(R"("sub":"u","tid":["a",{"t":"t"}])"), reason::ok);
    rules.claims.tenant.sources = {
        {.path = {"none"}}, {.path = {"orgs"}, .how = claim_source::form::each, .argument = "id"}, {.path = {"tid"}}};
    EXPECT_EQ(judge(R"("sub":"u","orgs":[{"id":"t"},"x"])"), reason::token_revoked);
    EXPECT_EQ(judge(R"("sub":"u","orgs":["t"],"tid":"t")"), reason::ok) << "the first source that is present counts";
}

TEST_F(mapping_test, a_revocation_of_any_of_several_tenants_hits) {
    rules.revoked = parse_revocation_list("tenant:b\n").list;
    EXPECT_EQ(judge(R"("sub":"u","tid":["a","b"])"), reason::token_revoked);
    EXPECT_EQ(judge(R"("sub":"u","tid":["a","c"])"), reason::ok);
    const auto verified = verify(R"("sub":"u","tid":["a","b"])");
    EXPECT_EQ(find_revocation(rules, **verified, now).value().cause, "tenant 'b' is revoked");
}

TEST_F(mapping_test, a_required_claim_may_be_a_pattern_and_an_unreadable_one_does_not_match) {
    rules.required_claims = {{.path = {"email"}, .pattern = "*@example.com"}};
    EXPECT_EQ(judge(R"("email":"ada@example.com")"), reason::ok);
    EXPECT_EQ(judge(R"("email":["x","ada@example.com"])"), reason::ok);
    EXPECT_EQ(judge(R"("email":"ada@example.org")"), reason::claim_mismatch);
    EXPECT_EQ(judge(R"("email":{"ada@example.com":1})"), reason::claim_mismatch);
    EXPECT_EQ(judge(R"("email":null)"), reason::claim_missing);
}

} // namespace
} // namespace bearward::policies::tokens
