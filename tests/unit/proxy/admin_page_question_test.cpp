#include "proxy/admin_page/question.hpp"

#include "config/configuration.hpp"
#include "proxy/commands/answer_question.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::proxy {
namespace {

using admin_page::parse_question;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(page_question, is_what_a_browser_sends_of_the_form) {
    const auto asked =
        parse_question("/?method=POST&host=app.example.com&path=%2Ftenants%2Ft-1%3Fa%3Db+c&provider=main&user=J%C3%B6rg+%26+co&"
                       "tenant=t-1%2C+x&roles=admin%2C+site+editor&scopes=read+write%2Cdelete&websocket=on");
    ASSERT_TRUE(asked && *asked);
    const auto& request = (*asked)->request;
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.host, "app.example.com");
    EXPECT_EQ(request.path, "/tenants/t-1?a=b c");
    EXPECT_TRUE(request.websocket);
    const auto& who = (*asked)->identity.value();
    EXPECT_EQ(who.provider.value, "main");
    EXPECT_EQ(who.user, "J\u00f6rg & co");
    EXPECT_THAT(who.tenants, ElementsAre("t-1, x"));
    EXPECT_THAT(who.roles, ElementsAre("admin", "site editor"));
    EXPECT_THAT(who.scopes, ElementsAre("read", "write", "delete"));
}

TEST(page_question, without_any_parameter_there_is_none) {
    EXPECT_EQ(parse_question("/").value(), std::nullopt);
    EXPECT_EQ(parse_question("/?").value().has_value(), false);
}

TEST(page_question, empty_fields_were_not_filled_in) {
    const auto asked = parse_question("/?method=&host=&path=%2Fa&provider=&user=&tenant=&roles=&scopes=");
    ASSERT_TRUE(asked && *asked);
    EXPECT_EQ((*asked)->request.method, "GET");
    EXPECT_EQ((*asked)->request.host, "localhost");
    EXPECT_FALSE((*asked)->request.websocket);
    EXPECT_EQ((*asked)->identity, std::nullopt);
}

TEST(page_question, what_the_form_can_not_send_is_refused) {
    for (const auto* target : {"/?token=x", "/?path=%2F&path=%2Fa", "/?Path=%2F", "/?path=%zz", "/?claims=%7B%7D"}) {
        EXPECT_FALSE(parse_question(target)) << target;
    }
    const auto token = parse_question("/?path=%2Fa%3Faccess_token%3DeyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl");
    EXPECT_THAT(token.error(), HasSubstr("a token does not belong here"));
    EXPECT_THAT(parse_question("/?user=eyJhbGciOiJIUzI1NiJ9.e30.c2ln").error(), testing::Not(HasSubstr("c2ln")));
}

constexpr std::string_view rules_text = R"(
version: 1
listen: [{address: 127.0.0.1:0}]
upstreams: {app: {servers: [127.0.0.1:1]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [w], algorithms: [HS256], keys: {secret: {value: 0123456789abcdef0123456789abcdef}}}
routes:
  - {prefix: /, name: rest, upstream: app, providers: [main]}
  - {prefix: /admin, name: admin, upstream: app, providers: [main], require: {roles: [admin]}}
  - {prefix: "/tenants/{tenant_id}", name: tenants, upstream: app, providers: [main], require: {tenant: "{tenant_id}"}}
)";

class answer_question : public testing::Test {
protected:
    static config::configuration load() {
        auto result = config::load_text(std::string(rules_text), "bearward.yaml");
        EXPECT_TRUE(result.loaded);
        return *std::move(result.loaded);
    }
    [[nodiscard]] admin_page::answered ask(std::string_view target) const {
        return commands::answer_question(rules_, parse_question(target).value().value());
    }

    counter_registry counters_{1};
    serving rules_{load(), counters_};
};

TEST_F(answer_question, is_judged_by_the_rules_that_serve) {
    EXPECT_EQ(ask("/?path=%2Fa").value().reason, "token_missing");
    const auto let_in = ask("/?path=%2Fa&user=u-1").value();
    EXPECT_TRUE(let_in.permitted);
    EXPECT_THAT(let_in.steps, HasSubstr("permit: ok"));
    EXPECT_EQ(ask("/?path=%2Fadmin&user=u-1&roles=editor").value().reason, "role_missing");
    EXPECT_TRUE(ask("/?path=%2Fadmin&user=u-1&roles=editor%2Cadmin").value().permitted);
    EXPECT_EQ(ask("/?path=%2Ftenants%2Ft-2&user=u-1&tenant=t-1").value().reason, "tenant_mismatch");
    EXPECT_TRUE(ask("/?path=%2Ftenants%2Ft-1&user=u-1&tenant=t-1&websocket=on").value().permitted);
}

TEST_F(answer_question, what_no_request_can_have_is_told) {
    EXPECT_THAT(ask("/?path=a").error(), HasSubstr("No request"));
    EXPECT_THAT(ask("/?path=%2Fa%0D%0AX-Roles%3A+admin").error(), HasSubstr("No request"));
    EXPECT_THAT(ask("/?path=%2F&host=a%0D%0AAuthorization%3A+x").error(), HasSubstr("No request"));
    EXPECT_THAT(ask("/?path=%2F&method=GET+%2Fx").error(), HasSubstr("No request"));
    EXPECT_THAT(ask("/?path=%2F&provider=other").error(), HasSubstr("no provider"));
}

TEST_F(answer_question, counts_nothing) {
    const std::string before = ask("/?path=%2Fa&user=u-1").value().steps;
    counters_.read([](const counter_registry::kept& kept) {
        for (const auto& [name, blocks] : kept.routes.all()) {
            EXPECT_EQ(blocks.front()->duration.sum(), 0U) << name;
        }
    });
    EXPECT_THAT(before, HasSubstr("rest"));
}

} // namespace
} // namespace bearward::proxy
