// The whole decision, step by step.
#include "tests/unit/policies/decide_fixture.hpp"

#include <memory>
#include <string_view>
#include <type_traits>

namespace bearward::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

static_assert(!std::is_default_constructible_v<permit>, "only decide() makes permits");

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
    EXPECT_EQ(leave.expires(), decided_at + 60s + 30s) << "exp and the clock skew";
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
    EXPECT_EQ(permitted("/", decided_at + 89s).why(), reason::ok);
    EXPECT_EQ(denied("/", decided_at + 90s).why, reason::token_expired);
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

TEST_F(decide_test, a_revoked_user_is_refused_even_where_tokens_are_optional) {
    rules.providers[0].rules.revoked = tokens::parse_revocation_list("user:u-1").list;
    add("/").auth = rules::authentication::optional;
    authorize("good");
    EXPECT_EQ(denied("/").why, reason::token_revoked);
    authorize("admin");
    EXPECT_EQ(permitted("/").who()->user, "u-2");
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
