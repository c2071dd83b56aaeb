// What an endpoint said counts for a time: with times as arguments.
#include "policies/tokens/introspection_answers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace bearward::policies::tokens {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1'700'000'000s};
constexpr hash_key key{1, 2};

introspected active(std::optional<time_point> expires = {}, std::size_t more = 0) {
    auto made = std::make_shared<verified_token>();
    made->who.user = "u-1" + std::string(more, 'x');
    made->expires = expires;
    return made;
}

introspected inactive() {
    return std::unexpected(refusal(reason::token_inactive));
}

class introspection_memory : public ::testing::Test {
protected:
    introspection_limits limits{.ttl = 30s, .negative_ttl = 5s, .max_bytes = std::size_t{4} * 1024 * 1024};
    introspection_answers known{limits, key};
};

TEST_F(introspection_memory, an_active_token_counts_for_its_ttl) {
    EXPECT_EQ(known.find("t", start), nullptr);
    known.insert("t", active(), start);
    EXPECT_NE(known.find("t", start), nullptr);
    EXPECT_NE(known.find("t", start + 30s - 1ms), nullptr);
    EXPECT_EQ(known.find("t", start + 30s), nullptr);
    EXPECT_EQ(known.find("T", start), nullptr) << "compared whole";
}

TEST_F(introspection_memory, but_never_beyond_its_end) {
    known.insert("t", active(start + 10s), start);
    EXPECT_NE(known.find("t", start + 10s - 1ms), nullptr);
    EXPECT_EQ(known.find("t", start + 10s), nullptr);
    known.insert("old", active(start - 10s), start);
    EXPECT_EQ(known.find("old", start), nullptr);
}

TEST_F(introspection_memory, another_one_counts_for_the_negative_ttl) {
    known.insert("t", inactive(), start);
    EXPECT_NE(known.find("t", start + 5s - 1ms), nullptr);
    EXPECT_EQ(known.find("t", start + 5s), nullptr);
}

TEST_F(introspection_memory, the_last_answer_counts) {
    known.insert("t", active(), start);
    known.insert("t", inactive(), start + 1s);
    EXPECT_FALSE(known.find("t", start + 2s)->outcome);
    known.insert("t", active(), start + 3s);
    EXPECT_TRUE(known.find("t", start + 4s)->outcome);
}

TEST_F(introspection_memory, nothing_counts_before_it_was_asked) {
    known.insert("t", active(), start);
    EXPECT_NE(known.find("t", start - 1s), nullptr) << "the clock is being corrected";
    EXPECT_EQ(known.find("t", start - 1s - 1ms), nullptr) << "the clock was set back";
}

TEST_F(introspection_memory, a_failure_forgets_and_is_told) {
    EXPECT_EQ(known.last_failure(), "");
    known.insert("t", active(), start);
    known.fail("t", "answered 500");
    EXPECT_EQ(known.find("t", start), nullptr);
    EXPECT_EQ(known.find_for_who_waited("t", start, 5s), nullptr);
    EXPECT_EQ(known.last_failure(), "answered 500");
    known.insert("u", active(), start);
    EXPECT_EQ(known.last_failure(), "");
}

TEST(introspection_without_memory, serves_those_who_waited_and_nobody_else) {
    for (const introspection_limits& limits :
         {introspection_limits{.ttl = 0s, .negative_ttl = 0s}, introspection_limits{.ttl = 30s, .negative_ttl = 5s, .max_bytes = 0}}) {
        introspection_answers known(limits, key);
        known.insert("t", active(), start);
        known.insert("u", inactive(), start);
        EXPECT_EQ(known.find("t", start), nullptr);
        EXPECT_EQ(known.find("u", start), nullptr);
        EXPECT_TRUE(known.find_for_who_waited("t", start + 1s, 5s)->outcome);
        EXPECT_FALSE(known.find_for_who_waited("u", start + 5s, 5s)->outcome);
        EXPECT_EQ(known.find_for_who_waited("t", start + 5s + 1ms, 5s), nullptr);
        EXPECT_EQ(known.find_for_who_waited("t", start - 2s, 5s), nullptr);
    }
}

TEST(introspection_table, takes_no_more_than_its_limit) {
    constexpr std::size_t limit = 100'000;
    introspection_table table(limit, key);
    for (int index = 0; index < 10'000; ++index) {
        const std::string token = "token-" + std::to_string(index);
        table.insert(token,
                     std::make_shared<const introspection_answer>(index % 2 == 0 ? active({}, 500) : inactive(), start, start + 30s));
        ASSERT_LE(table.bytes(), limit);
    }
    EXPECT_GT(table.size(), 20U);
    EXPECT_NE(table.find("token-9998"), nullptr);
    EXPECT_EQ(table.find("token-0"), nullptr);
}

TEST(introspection_table, invented_tokens_push_out_no_genuine_one) {
    introspection_table table(100'000, key);
    table.insert("genuine", std::make_shared<const introspection_answer>(active(), start, start + 30s));
    for (int index = 0; index < 10'000; ++index) {
        table.insert("invented-" + std::to_string(index), std::make_shared<const introspection_answer>(inactive(), start, start + 5s));
    }
    EXPECT_NE(table.find("genuine"), nullptr);
    table.forget("genuine");
    EXPECT_EQ(table.find("genuine"), nullptr);
}

} // namespace
} // namespace bearward::policies::tokens
