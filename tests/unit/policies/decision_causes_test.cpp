#include "policies/decision_causes.hpp"
#include "policies/text.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bearward::policies {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

boost::json::value texts(const std::vector<std::string>& all) {
    return show(all);
}

TEST(decision_causes, a_failed_check_says_what_was_found_and_what_was_expected) {
    EXPECT_EQ(cause_of({.check = "roles", .found = texts({"reader"}), .expected = texts({"admin", "editor"}), .note = "any of them"}),
              "roles: 'reader'; expected 'admin', 'editor' (any of them)");
    EXPECT_EQ(cause_of({.check = "roles", .found = boost::json::array(), .expected = texts({"admin"})}), "roles: none; expected 'admin'");
    EXPECT_EQ(cause_of({.check = "tenant", .expected = show("t-1"), .note = "the token names no tenant"}),
              "tenant: expected 't-1' (the token names no tenant)");
    EXPECT_EQ(cause_of({.check = "any", .note = "0 of 2 hold"}), "any: 0 of 2 hold");
    EXPECT_EQ(cause_of({.check = "claims.level", .found = boost::json::parse(R"({"a":1})"), .expected = 7}),
              "claims.level: '{\"a\":1}'; expected '7'");
}

TEST(decision_causes, values_that_look_alike_are_shown_with_their_json_types) {
    EXPECT_EQ(cause_of({.check = "claims.admin", .found = true, .expected = texts({"true"})}),
              "claims.admin: 'true' (boolean); expected 'true' (text)");
    EXPECT_EQ(cause_of({.check = "claims.level", .found = boost::json::parse(R"(["1","x"])"), .expected = 1}),
              "claims.level: '1' (text), 'x' (text); expected '1' (number)");
    EXPECT_EQ(cause_of({.check = "claims.level", .found = 2, .expected = texts({"1"})}), "claims.level: '2'; expected '1'");
    rules::requirement required;
    required.claims = {{.path = {"admin"}, .values = {"true"}}};
    identity who;
    who.claims["admin"] = true;
    const std::vector<rules::capture> captures;
    EXPECT_EQ(unmet_cause(required, who, rules::operand_values(captures)),
              "claims.admin: 'true' (boolean); expected 'true' (text) (a boolean can't be compared with that: it is unknown)");
}

TEST(decision_causes, what_a_client_chose_is_bounded_printable_and_holds_no_token) {
    const std::vector<std::string> many(50, std::string(500, 'x') + "\n");
    const std::string cause = cause_of({.check = "origin", .found = show(many), .expected = texts({"https://app.test"})});
    EXPECT_LE(cause.size(), longest_cause);
    EXPECT_THAT(cause, Not(HasSubstr("\n")));
    const std::string token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2lnbmF0dXJl";
    EXPECT_THAT(cause_of({.check = "claims.t", .found = show(token)}), Not(HasSubstr("eyJ")));
}

TEST(decision_causes, every_place_that_was_looked_at_is_named_once) {
    rules::route route;
    route.credential_names = {requests::credential_names{},
                              requests::credential_names{.header = "X-Token", .query_parameter = "access_token"}};
    EXPECT_EQ(missing_cause(route, {.header = true, .query = true, .subprotocol = true}),
              "no credential in header Authorization, query access_token, header X-Token, Sec-WebSocket-Protocol");
    route.credential_names.push_back({.header = "X-Tok", .query_parameter = "access_token"});
    EXPECT_EQ(missing_cause(route, {.header = true, .query = false, .subprotocol = false}),
              "no credential in header Authorization, header X-Token, header X-Tok");
    route.credential_names.pop_back();
    EXPECT_EQ(missing_cause(route, {.header = true, .query = false, .subprotocol = false}),
              "no credential in header Authorization, header X-Token");
}

TEST(decision_causes, an_unmet_requirement_names_its_first_entry_that_fails) {
    rules::requirement required;
    required.roles = {"admin"};
    required.scopes = {"write"};
    identity who;
    who.roles = {"admin"};
    const std::vector<rules::capture> captures;
    const rules::operand_values values(captures);
    EXPECT_EQ(unmet_cause(required, who, values), "scopes: none; expected 'write' (any of them)");
    who.scopes = {"write"};
    EXPECT_EQ(unmet_cause(required, who, values), "");
}

TEST(decision_causes, a_search_names_the_places_of_what_it_found) {
    requests::found_credentials found;
    EXPECT_EQ(search_cause(found, reason::token_malformed), "a credential without one token in it: header");
    found.in_query = found.in_header = true;
    EXPECT_EQ(search_cause(found, reason::token_multiple), "different or repeated credentials in header and query");
}

} // namespace
} // namespace bearward::policies
