#include "policies/tokens/revocation_entry.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace bearward::policies::tokens {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1'800'000'000s};

std::string fault_of(std::string_view member) {
    const auto read = parse_revocation_member(member);
    return read ? "none" : read.error();
}

TEST(revocation_member, names_what_is_revoked_for_which_provider_and_which_tokens) {
    const auto plain = parse_revocation_member("user:jane%20doe");
    ASSERT_TRUE(plain) << plain.error();
    EXPECT_EQ(plain->what.kind, revocation_kind::user);
    EXPECT_EQ(plain->what.id, "jane doe");
    EXPECT_EQ(plain->provider, "");
    EXPECT_FALSE(plain->before);

    for (const char* either : {"sid:s#1 provider:my%20issuer before:1700000000", "sid:s#1\tbefore:1700000000  provider:my%20issuer "}) {
        const auto full = parse_revocation_member(either);
        ASSERT_TRUE(full) << full.error();
        EXPECT_EQ(full->what.kind, revocation_kind::sid);
        EXPECT_EQ(full->what.id, "s#1");
        EXPECT_EQ(full->provider, "my issuer");
        EXPECT_EQ(full->before, time_point(1'700'000'000s));
    }
    EXPECT_EQ(parse_revocation_member("jti:a")->what.kind, revocation_kind::jti);
    EXPECT_EQ(parse_revocation_member("tenant:%2A")->what.id, "*");
}

TEST(revocation_member, anything_else_is_refused) {
    const std::vector<std::pair<std::string, std::string_view>> refused{
        {"", "expected jti:ID"},
        {"user", "expected jti:ID"},
        {"role:admin", "expected jti:ID"},
        {"User:u", "expected jti:ID"},
        {"user:", "no ID"},
        {"user:%4", "two hex digits"},
        {"user:*", "no pattern"},
        {"user:%00", "control character"},
        {"user:a\nb", "control character"},
        {"user:\xFF", "not UTF-8"},
        {"user:u until:2027-01-01T00:00:00Z", "goes on"},
        {"user:u v", "goes on"},
        {"user:u provider:", "no provider's name"},
        {"user:u provider:%", "no provider's name"},
        {"user:u provider:a provider:b", "goes on"},
        {"user:u before:1 before:2", "goes on"},
        {"user:u before:", "no time"},
        {"user:u before:-1", "no time"},
        {"user:u before:1.5", "no time"},
        {"user:u before:2027-01-01T00:00:00Z", "no time"},
        {"user:u before:99999999999999999999", "no time"},
        {"Sub:u", "expected jti:ID"},
        {"sub:u issuer:", "no issuer"},
        {"sub:u issuer:%4", "no issuer"},
        {"sub:u issuer:a issuer:b", "goes on"},
        {"user:u issuer:a", "sid, sub and tenant alone"},
        {"jti:u issuer:a", "sid, sub and tenant alone"},
    };
    for (const auto& [member, what] : refused) {
        EXPECT_NE(fault_of(member).find(what), std::string::npos) << member << ": " << fault_of(member);
    }
}

TEST(revocation_member, is_written_in_one_form_that_reads_as_what_it_was) {
    const std::vector<std::pair<revocation_entry, std::string>> forms{
        {{.what = {revocation_kind::jti, "t-1"}, .provider = ""}, "jti:t-1"},
        {{.what = {revocation_kind::user, "auth0|5 %#\xC3\xBC"}, .provider = ""}, "user:auth0|5%20%25#\xC3\xBC"},
        {{.what = {revocation_kind::user, "*"}, .provider = "*"}, "user:%2A provider:%2A"},
        {{.what = {revocation_kind::tenant, "a*"}, .provider = "main 2"}, "tenant:a* provider:main%202"},
        {{.what = {revocation_kind::sid, "s"}, .provider = "main", .before = now}, "sid:s provider:main before:1800000000"},
        {{.what = {revocation_kind::sid, "s"}, .provider = "", .before = now + 1ms}, "sid:s before:1800000001"},
        {{.what = {revocation_kind::sub, "s"}, .provider = "main", .before = now}, "sub:s provider:main before:1800000000"},
        {{.what = {revocation_kind::sub, "s"}, .provider = "main", .issuer = "https://a b/%"},
         "sub:s provider:main issuer:https://a%20b/%25"},
        {{.what = {revocation_kind::tenant, "t"}, .provider = "main", .issuer = "https://a/"}, "tenant:t provider:main issuer:https://a/"},
    };
    for (const auto& [entry, text] : forms) {
        EXPECT_EQ(to_member(entry), text);
        const auto again = parse_revocation_member(text);
        ASSERT_TRUE(again) << again.error();
        EXPECT_EQ(to_member(*again), text);
        EXPECT_EQ(again->what.id, entry.what.id);
        EXPECT_EQ(again->provider, entry.provider);
        EXPECT_EQ(again->issuer, entry.issuer);
    }
}

TEST(revocation_member, only_issuers_revoke_by_sub) {
    EXPECT_EQ(parse_revocation_member("sub:u")->what.kind, revocation_kind::sub);
    EXPECT_FALSE(parse_revocation_name("sub:u"));
    EXPECT_FALSE(find_named_kind("sub"));
}

TEST(revocation_score, is_a_time_or_for_ever) {
    EXPECT_EQ(parse_revocation_score("1800000000"), now);
    EXPECT_EQ(parse_revocation_score("1800000000.5"), now + 500ms);
    EXPECT_EQ(parse_revocation_score("1.8e9"), now);
    EXPECT_EQ(parse_revocation_score("0"), time_point{});
    EXPECT_EQ(parse_revocation_score("-5"), time_point{});
    EXPECT_EQ(parse_revocation_score("-inf"), time_point{});
    EXPECT_EQ(parse_revocation_score("inf"), time_point::max());
    EXPECT_EQ(parse_revocation_score("+inf"), time_point::max());
    EXPECT_EQ(parse_revocation_score("1e300"), time_point::max());
    for (const char* bad : {"", "nan", "x", "1 ", " 1", "+1", "1x", "0x10"}) {
        EXPECT_FALSE(parse_revocation_score(bad)) << bad;
    }
    EXPECT_EQ(to_score(time_point::max()), "+inf");
    EXPECT_EQ(to_score(now), "1800000000");
    EXPECT_EQ(to_score(now + 1ms), "1800000001") << "rather too long than too short";
}

TEST(revocation_score, seconds_are_rounded_up_and_end_at_the_types_last) {
    EXPECT_EQ(to_seconds(time_point{}), 0U);
    EXPECT_EQ(to_seconds(time_point(-5s)), 0U);
    EXPECT_EQ(to_seconds(time_point(1ms)), 1U);
    EXPECT_EQ(to_seconds(time_point(2s)), 2U);
    EXPECT_EQ(to_seconds(time_point::max()), std::numeric_limits<std::uint32_t>::max());
    EXPECT_EQ(to_seconds(time_point(5'000'000'000s)), std::numeric_limits<std::uint32_t>::max());
}

} // namespace
} // namespace bearward::policies::tokens
