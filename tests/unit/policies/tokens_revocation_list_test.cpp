#include "policies/date_text.hpp"
#include "policies/tokens/revocation_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bearward::policies::tokens {
namespace {

constexpr time_point now{std::chrono::seconds{1'800'000'000}};

bool revokes(const revocation_list& list, const revocation_facts& facts) {
    return list.revokes(facts, now);
}

TEST(revocation_list, names_tokens_sessions_users_and_tenants_apart) {
    const auto [list, refused] = parse_revocation_list("jti:t-1\nsid:s-1\nuser:u-1\ntenant:acme\n");
    ASSERT_TRUE(refused.empty()) << refused.front().what;
    EXPECT_EQ(list.size(), 4U);
    EXPECT_TRUE(revokes(list, {.token_id = "t-1"}));
    EXPECT_TRUE(revokes(list, {.session = "s-1"}));
    EXPECT_TRUE(revokes(list, {.user = "u-1"}));
    EXPECT_TRUE(revokes(list, {.token_id = "t-9", .user = "u-9", .tenant = "acme"}));
    EXPECT_FALSE(revokes(list, {.token_id = "u-1", .session = "t-1", .user = "acme", .tenant = "s-1"}));
    EXPECT_FALSE(revokes(list, {.token_id = "T-1", .user = "U-1", .tenant = "Acme"})) << "compared byte for byte";
    EXPECT_THAT(list.matching_entry({.session = "s-1", .user = "u-1"}, now), testing::HasSubstr("sid 's-1'"));
}

TEST(revocation_list, what_a_credential_does_not_say_is_never_listed) {
    const auto [list, refused] = parse_revocation_list("jti:a\nsid:d\nuser:b\ntenant:c\n");
    ASSERT_TRUE(refused.empty()) << refused.front().what;
    EXPECT_FALSE(revokes(list, {}));
    EXPECT_FALSE(revokes(revocation_list{}, {}));
}

TEST(revocation_list, comments_blank_lines_and_outer_white_space_count_for_nothing) {
    const auto [list, refused] = parse_revocation_list("\xEF\xBB\xBF# stolen laptops\r\n\r\n  \t\n \tuser:jane%20doe \r\n   # more\n"
                                                       "jti:abc # stolen\nsid:s\t#\njti:urn:uuid:1#2");
    ASSERT_TRUE(refused.empty()) << refused.front().what;
    EXPECT_EQ(list.size(), 4U);
    EXPECT_TRUE(revokes(list, {.user = "jane doe"}));
    EXPECT_TRUE(revokes(list, {.token_id = "abc"}));
    EXPECT_TRUE(revokes(list, {.session = "s"}));
    EXPECT_TRUE(revokes(list, {.token_id = "urn:uuid:1#2"})) << "an ID may hold colons, and # inside of it";
    EXPECT_EQ(parse_revocation_list("").list.size(), 0U);
    EXPECT_EQ(parse_revocation_list("\n\n").list.size(), 0U);
}

TEST(revocation_list, an_entry_ends_with_its_time) {
    const auto [list, refused] =
        parse_revocation_list("jti:a until:" + to_rfc3339(now) + "\njti:b until:" + to_rfc3339(now + std::chrono::milliseconds(1)) +
                              " # soon\njti:c until:2020-01-01T00:00:00Z\njti:c\njti:d\njti:d until:2020-01-01T00:00:00+02:00");
    ASSERT_TRUE(refused.empty()) << refused.front().what;
    EXPECT_FALSE(revokes(list, {.token_id = "a"}));
    EXPECT_TRUE(revokes(list, {.token_id = "b"}));
    EXPECT_TRUE(revokes(list, {.token_id = "c"})) << "of the same one twice the longer counts";
    EXPECT_TRUE(revokes(list, {.token_id = "d"}));
}

TEST(revocation_list, ids_are_percent_decoded) {
    const auto [list, refused] = parse_revocation_list("user:a%25b%3ac\ntenant:%C3%A4\nuser:%2A\njti:a*");
    ASSERT_TRUE(refused.empty()) << refused.front().what;
    EXPECT_TRUE(revokes(list, {.user = "a%b:c"}));
    EXPECT_TRUE(revokes(list, {.tenant = "\xC3\xA4"}));
    EXPECT_TRUE(revokes(list, {.user = "*"}));
    EXPECT_FALSE(revokes(list, {.user = "anybody"}));
    EXPECT_TRUE(revokes(list, {.token_id = "a*"}));
}

TEST(revocation_list, a_malformed_line_is_named) {
    struct bad_list {
        std::string text;
        std::size_t line;
    };
    for (const auto& [text, line] : {bad_list{"u-1\n", 1},
                                     bad_list{"jti:a\n\n# b\nUser:c\n", 4},
                                     bad_list{"jti:a\nuser:\n", 2},
                                     bad_list{"tenant:  \t", 1},
                                     bad_list{":a", 1},
                                     bad_list{"jti", 1},
                                     bad_list{"jti :a", 1},
                                     bad_list{"sub:a", 1},
                                     bad_list{std::string("user:a\0b", 8), 1},
                                     bad_list{"user:a\tb", 1},
                                     bad_list{"jti:abc stolen laptop", 1},
                                     bad_list{"user: jane", 1},
                                     bad_list{"user:%zz", 1},
                                     bad_list{"user:50%", 1},
                                     bad_list{"jti:a until:tomorrow", 1},
                                     bad_list{"jti:a until:", 1},
                                     bad_list{"jti:a until:2027-01-01", 1},
                                     bad_list{"jti:a until:2027-01-01T00:00:00Z until:2028-01-01T00:00:00Z", 1},
                                     bad_list{"jti:a jti:b", 1},
                                     bad_list{"jti:a // x", 1},
                                     bad_list{"jti:a; x", 1},
                                     bad_list{"user:a%00", 1},
                                     bad_list{"user:%0Aa", 1},
                                     bad_list{"user:%7f", 1},
                                     bad_list{"user:%E4", 1},
                                     bad_list{"user:\xE4\x62", 1},
                                     bad_list{"user:%ED%A0%80", 1},
                                     bad_list{"tenant:*", 1},
                                     bad_list{"jti:* until:2027-01-01T00:00:00Z", 1},
                                     bad_list{"SID:a", 1}}) {
        const auto refused = parse_revocation_list(text).refused;
        ASSERT_EQ(refused.size(), 1U) << text;
        EXPECT_EQ(refused.front().line, line) << text;
        EXPECT_FALSE(refused.front().what.empty());
    }
}

TEST(revocation_list, the_good_lines_count_beside_the_bad_ones) {
    const auto [list, refused] = parse_revocation_list("jti:a\nnonsense\nuser:b\nuser:\nsid:c");
    EXPECT_EQ(list.size(), 3U);
    ASSERT_EQ(refused.size(), 2U);
    EXPECT_EQ(refused[0].line, 2U);
    EXPECT_EQ(refused[1].line, 4U);
}

TEST(revocation_list, what_is_gone_counts_until_a_second_reading_that_is_late_enough) {
    using namespace std::chrono_literals;
    const std::chrono::steady_clock::time_point start{1h};
    const auto first = parse_revocation_list("jti:a\nuser:b\nsid:c until:2100-01-01T00:00:00Z\ntenant:d").list;
    auto truncated = parse_revocation_list("").list;
    truncated.keep_departed(first, start, 1s);
    EXPECT_EQ(truncated.departed(), 4U);
    EXPECT_TRUE(revokes(truncated, {.token_id = "a"}));
    EXPECT_TRUE(revokes(truncated, {.session = "c"}));
    EXPECT_TRUE(revokes(truncated, {.tenant = "d"}));

    auto soon = parse_revocation_list("user:b\n").list;
    soon.keep_departed(truncated, start + 999ms, 1s);
    EXPECT_EQ(soon.departed(), 3U) << "what came back is there again";
    EXPECT_TRUE(revokes(soon, {.token_id = "a"}));

    auto late = parse_revocation_list("").list;
    late.keep_departed(soon, start + 1s, 1s);
    EXPECT_FALSE(revokes(late, {.token_id = "a"})) << "absent twice, a second apart";
    EXPECT_TRUE(revokes(late, {.user = "b"})) << "its absence begins anew";
    EXPECT_EQ(late.departed(), 1U);
}

TEST(revocation_list, a_term_that_becomes_shorter_counts_until_a_second_reading) {
    using namespace std::chrono_literals;
    const std::chrono::steady_clock::time_point start{1h};
    const revocation_facts user{.user = "u"};
    const auto read = [](const char* text, const revocation_list& earlier, std::chrono::steady_clock::time_point at) {
        auto list = parse_revocation_list(text).list;
        list.keep_departed(earlier, at, 1s);
        return list;
    };
    const auto first = parse_revocation_list("user:u\n").list;
    const auto shorter = read("user:u until:2020-01-01T00:00:00Z\n", first, start);
    EXPECT_TRUE(revokes(shorter, user));
    EXPECT_EQ(shorter.departed(), 1U) << "another reading is due";
    EXPECT_EQ(shorter.size(), 1U);
    const auto again = read("user:u until:2020-01-01T00:00:00Z\n", shorter, start + 999ms);
    EXPECT_TRUE(revokes(again, user));
    const auto late = read("user:u until:2020-01-01T00:00:00Z\n", again, start + 1s);
    EXPECT_FALSE(revokes(late, user));
    EXPECT_EQ(late.departed(), 0U);

    const auto gone = read("", shorter, start + 500ms);
    EXPECT_TRUE(revokes(gone, user));
    EXPECT_FALSE(revokes(read("", gone, start + 1500ms), user));
    const auto back = read("user:u", shorter, start + 500ms);
    EXPECT_EQ(back.departed(), 0U);
    EXPECT_TRUE(revokes(read("user:u until:2020-01-01T00:00:00Z", back, start + 1s), user)) << "its absence begins anew";
    const auto longer = read("user:u until:2100-01-01T00:00:00Z", late, start + 2s);
    EXPECT_EQ(longer.departed(), 0U) << "a longer term counts at once";
    EXPECT_TRUE(revokes(longer, user));
}

} // namespace
} // namespace bearward::policies::tokens
