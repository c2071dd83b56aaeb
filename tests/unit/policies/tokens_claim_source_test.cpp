// The facts of an identity in the forms that issuers give them.
#include "policies/tokens/claim_source.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using form = claim_source::form;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::unexpected<unreadable> no_such_form{unreadable{}};

mapped_claim one(form how = form::plain, std::string argument = {}) {
    return {.sources = {{.path = {"x"}, .how = how, .argument = std::move(argument)}}};
}

json::object claims(const std::string& x) {
    return json::parse("{\"x\":" + x + "}").as_object();
}

claim_texts roles(const std::string& x, const mapped_claim& from = one()) {
    return read_roles(claims(x), from);
}

TEST(claim_source_test, a_text_is_one_role_and_integers_are_text) {
    EXPECT_THAT(roles(R"("Former admin")").value(), ElementsAre("Former admin"));
    EXPECT_THAT(roles(R"(["a","b c","d,e"])").value(), ElementsAre("a", "b c", "d,e"));
    EXPECT_THAT(roles(R"(["", "a", null, 1, "a", -2, 18446744073709551615])").value(), ElementsAre("a", "1", "-2", "18446744073709551615"));
    EXPECT_THAT(roles("7").value(), ElementsAre("7"));
    for (const char* nothing : {R"("")", "[]", "null", "[null]", R"([""])"}) {
        EXPECT_THAT(roles(nothing).value(), IsEmpty()) << nothing;
    }
    EXPECT_THAT(read_roles({}, one()).value(), IsEmpty());
}

TEST(claim_source_test, anything_else_is_unreadable_as_a_whole) {
    for (const char* text : {"1.5", "true", "{}", R"({"admin":true})", R"(["a",1.5])", R"(["a",true])", R"([["a"]])", R"(["a",{}])"}) {
        EXPECT_EQ(roles(text), no_such_form) << text;
        EXPECT_EQ(read_scopes(claims(text), one()), no_such_form) << text;
        EXPECT_EQ(read_tenants(claims(text), one()), no_such_form) << text;
        EXPECT_EQ(read_user(claims(text), one()), no_such_form) << text;
    }
}

TEST(claim_source_test, a_text_of_scopes_is_split_and_an_array_is_not) {
    const auto scopes = [](const std::string& x) { return read_scopes(claims(x), one()).value(); };
    EXPECT_THAT(scopes(R"("a b,c , d a")"), ElementsAre("a", "b", "c", "d"));
    EXPECT_THAT(scopes(R"(" ,a,, ")"), ElementsAre("a"));
    EXPECT_THAT(scopes(R"("a\tb")"), ElementsAre("a\tb"));
    EXPECT_THAT(scopes(R"(["a b"])"), ElementsAre("a b"));
}

TEST(claim_source_test, keys_are_the_names_of_an_object) {
    EXPECT_THAT(roles(R"({"admin":{"o":"d"},"reader":true,"gone":null,"":1})", one(form::keys)).value(), ElementsAre("admin", "reader"));
    EXPECT_THAT(roles("{}", one(form::keys)).value(), IsEmpty());
    EXPECT_THAT(roles("[]", one(form::keys)).value(), IsEmpty()) << "some languages write an empty map so";
    for (const char* text : {R"("admin")", R"(["admin"])", "1", "true"}) {
        EXPECT_EQ(roles(text, one(form::keys)), no_such_form) << text;
    }
}

TEST(claim_source_test, each_is_a_member_of_every_object_of_an_array) {
    const mapped_claim names = one(form::each, "name");
    EXPECT_THAT(roles(R"([{"name":"a"},{"name":"b","x":1},null,{"name":"a"},{"name":3}])", names).value(), ElementsAre("a", "b", "3"));
    EXPECT_THAT(roles("[]", names).value(), IsEmpty());
    for (const char* text :
         {R"([{"name":"a"},{}])", R"([{"name":null}])", R"([{"name":{}}])", R"(["a"])", R"({"name":"a"})", R"("a")", "{}"}) {
        EXPECT_EQ(roles(text, names), no_such_form) << text;
    }
}

TEST(claim_source_test, split_takes_one_text_apart_but_not_an_arrays) {
    EXPECT_THAT(roles(R"("a,b;c d,")", one(form::split, ",;")).value(), ElementsAre("a", "b", "c d"));
    EXPECT_THAT(roles(R"(["a,b","c"])", one(form::split, ",")).value(), ElementsAre("a,b", "c"));
    EXPECT_THAT(roles("12", one(form::split, ",")).value(), ElementsAre("12"));
    EXPECT_THAT(read_scopes(claims(R"("a b,c")"), one(form::split, ",")).value(), ElementsAre("a b", "c"));
    EXPECT_EQ(roles(R"({"a":1})", one(form::split, ",")), no_such_form);
}

TEST(claim_source_test, sources_are_united_for_lists_and_tried_in_turn_for_one_text) {
    const json::object given =
        json::parse(R"({"empty":"","list":[],"null":null,"a":["x","y"],"b":["y","z"],"user":"u","bad":{},"scope":"r w","scp":["w","q"]})")
            .as_object();
    const auto from = [](std::initializer_list<std::string_view> names) {
        mapped_claim made;
        for (const std::string_view name : names) {
            made.sources.push_back({.path = {name}});
        }
        return made;
    };
    EXPECT_THAT(read_roles(given, from({"none", "b", "a", "empty"})).value(), ElementsAre("y", "z", "x"));
    EXPECT_THAT(read_scopes(given, claim_mapping{}.scopes).value(), ElementsAre("r", "w", "q"));
    EXPECT_EQ(read_roles(given, from({"a", "bad"})), no_such_form);
    EXPECT_EQ(read_user(given, from({"none", "null", "empty", "list", "user"})).value(), "u");
    EXPECT_EQ(read_user(given, from({"bad", "user"})), no_such_form) << "present, so it counts";
    EXPECT_EQ(read_user(given, from({"none"})).value(), "");
    EXPECT_EQ(read_user(given, from({"a"})), no_such_form) << "one user has one name";
    EXPECT_THAT(read_tenants(given, from({"empty", "b", "a"})).value(), ElementsAre("y", "z"));
}

TEST(claim_source_test, a_user_may_come_from_every_form_that_gives_one) {
    EXPECT_EQ(read_user(claims(R"([{"value":"a@b"}])"), one(form::each, "value")).value(), "a@b");
    EXPECT_EQ(read_user(claims(R"([{"value":"a"},{"value":"b"}])"), one(form::each, "value")), no_such_form);
    EXPECT_EQ(read_user(claims("42"), one()).value(), "42");
    EXPECT_EQ(read_user(claims(R"(["u"])"), one()), no_such_form);
}

} // namespace
} // namespace bearward::policies::tokens
