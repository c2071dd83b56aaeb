#include "proxy/providers/revocation_order.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::proxy::providers {
namespace {

using namespace std::chrono_literals;
using policies::time_point;
using policies::tokens::revocation_kind;

constexpr time_point now{1'800'000'000s}; // 2027-01-15T08:00:00Z

TEST(revocation_order, names_one_of_four_kinds_for_a_day) {
    const std::vector<std::pair<std::string, revocation_kind>> kinds{
        {"jti", revocation_kind::jti}, {"sid", revocation_kind::sid}, {"user", revocation_kind::user}, {"tenant", revocation_kind::tenant}};
    for (const auto& [name, kind] : kinds) {
        const auto read = parse_revocation_order(R"({")" + name + R"(":"a b|%2A"})", now);
        ASSERT_TRUE(read) << read.error();
        EXPECT_EQ(read->entry.what.kind, kind);
        EXPECT_EQ(read->entry.what.id, "a b|%2A") << "nothing is decoded";
        EXPECT_EQ(read->entry.provider, "");
        EXPECT_FALSE(read->entry.before);
        EXPECT_EQ(read->until, now + 24h);
    }
}

TEST(revocation_order, may_name_a_provider_a_term_and_how_old_tokens_are) {
    const auto read = parse_revocation_order(
        R"({"provider":"main","user":"u","until":"2027-01-15T09:00:00+01:00","before":"2027-01-15T07:59:59.5Z"})", now - 1s);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->entry.provider, "main");
    EXPECT_EQ(read->until, now);
    EXPECT_EQ(read->entry.before, now - 500ms);
    const auto seconds = parse_revocation_order(R"({"user":"u","before":1799999999})", now);
    ASSERT_TRUE(seconds) << seconds.error();
    EXPECT_EQ(seconds->entry.before, now - 1s);
}

TEST(revocation_order, anything_else_is_refused_with_the_reason) {
    const std::vector<std::pair<std::string, std::string_view>> refused{
        {"", "one JSON object"},
        {"[]", "one JSON object"},
        {R"("user")", "one JSON object"},
        {R"({"user":"u"} x)", "one JSON object"},
        {R"({"user":"u","user":"u"})", "one JSON object"},
        {R"({"user":"\ud800"})", "one JSON object"},
        {"{}", "exactly one of"},
        {R"({"provider":"main"})", "exactly one of"},
        {R"({"user":"u","jti":"t"})", "exactly one of"},
        {R"({"user":""})", "not empty"},
        {R"({"user":7})", "user: expected text"},
        {R"({"user":null})", "user: expected text"},
        {R"({"user":["u"]})", "user: expected text"},
        {R"({"user":"*"})", "no pattern"},
        {R"({"user":"a\u0000"})", "control character"},
        {R"({"user":"u","provider":""})", "provider: expected text"},
        {R"({"user":"u","provider":1})", "provider: expected text"},
        {R"({"user":"u","until":"tomorrow"})", "until: expected a time"},
        {R"({"user":"u","until":1900000000})", "until: expected a time"},
        {R"({"user":"u","until":"2027-01-15T08:00:00Z"})", "over already"},
        {R"({"user":"u","until":"2020-01-01T00:00:00Z"})", "over already"},
        {R"({"user":"u","before":"yesterday"})", "before: expected a time"},
        {R"({"user":"u","before":-1})", "before: expected a time"},
        {R"({"user":"u","before":1.5})", "before: expected a time"},
        {R"({"user":"u","before":true})", "before: expected a time"},
        {R"({"user":"u","before":"1960-01-01T00:00:00Z"})", "before: expected a time"},
        {R"({"user":"u","reason":"stolen"})", "unknown member 'reason'"},
        {R"({"User":"u"})", "unknown member 'User'"},
    };
    for (const auto& [body, what] : refused) {
        const auto read = parse_revocation_order(body, now);
        ASSERT_FALSE(read) << body;
        EXPECT_NE(read.error().find(what), std::string::npos) << body << ": " << read.error();
    }
}

} // namespace
} // namespace bearward::proxy::providers
