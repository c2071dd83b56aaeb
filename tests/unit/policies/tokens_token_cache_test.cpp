// What is remembered of tokens: exactly them, within a bound, and only what does
// not depend on time. Random operations are compared with a simple model.
#include "policies/tokens/token_cache.hpp"

#include "jose_test_tokens.hpp"
#include "policies/reason_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace bearward::policies::tokens {
namespace {

constexpr hash_key key{0x0706050403020100, 0x0F0E0D0C0B0A0908};

verification good(std::string user) {
    verified_token made;
    made.who.user = std::move(user);
    return std::make_shared<const verified_token>(std::move(made));
}
const verification bad_signature = std::unexpected(reason::signature_invalid);

/// Computed with CPython 3.11, whose hash of bytes is this one (PYTHONHASHSEED=0: a key of zeros).
TEST(keyed_hash_test, agrees_with_another_implementation) {
    std::string counted(64, '\0');
    std::iota(counted.begin(), counted.end(), '\0');
    EXPECT_EQ(keyed_hash({0, 0}, "a"), 0x407448d2b89b1813U);
    EXPECT_EQ(keyed_hash({0, 0}, "abcdefg"), 0x6db12aae9070f506U);
    EXPECT_EQ(keyed_hash({0, 0}, "abcdefgh"), 0x3f7b849c0b8e35eaU);
    EXPECT_EQ(keyed_hash({0, 0}, "abcdefghi"), 0xf89b34a3d11eb6e5U);
    EXPECT_EQ(keyed_hash({0, 0}, counted), 0x75e05fd5bbc870c6U);
}

TEST(keyed_hash_test, depends_on_both_halves_of_the_key) {
    EXPECT_NE(keyed_hash({0, 0}, "token"), keyed_hash({1, 0}, "token"));
    EXPECT_NE(keyed_hash({0, 0}, "token"), keyed_hash({0, 1}, "token"));
}

TEST(token_cache_test, finds_what_was_verified_and_nothing_else) {
    token_cache cache(100'000, key);
    EXPECT_EQ(cache.find("one"), nullptr);
    cache.insert("one", good("u-1"));
    cache.insert("two", good("u-2"));
    ASSERT_NE(cache.find("one"), nullptr);
    EXPECT_EQ((**cache.find("one"))->who.user, "u-1");
    EXPECT_EQ((**cache.find("two"))->who.user, "u-2");
    for (const std::string_view other : {"", "on", "onee", "One", "three"}) {
        EXPECT_EQ(cache.find(other), nullptr) << other;
    }
}

TEST(token_cache_test, a_token_that_differs_in_one_bit_anywhere_is_another_one) {
    const std::string token(200, 'a');
    token_cache cache(100'000, key);
    cache.insert(token, good("u-1"));
    for (std::size_t position = 0; position < token.size(); ++position) {
        for (int bit = 1; bit < 128; bit *= 2) {
            std::string other = token;
            other[position] = static_cast<char>(other[position] ^ bit);
            EXPECT_EQ(cache.find(other), nullptr) << position;
        }
    }
    EXPECT_NE(cache.find(token), nullptr);
}

TEST(token_cache_test, remembers_bad_signatures_and_no_other_refusal) {
    token_cache cache(100'000, key);
    for (const reason_row& each : reason_table) {
        const reason why = each.value;
        const std::string token = "token " + std::string(each.word);
        cache.insert(token, std::unexpected(why));
        const auto* const found = cache.find(token);
        EXPECT_EQ(found != nullptr, why == reason::signature_invalid) << to_string(why);
        EXPECT_TRUE(found == nullptr || found->error().why == why);
    }
    EXPECT_EQ(cache.negative_size(), 1U);
}

TEST(token_cache_test, a_flood_of_bad_signatures_pushes_out_no_good_token) {
    token_cache cache(64'000, key);
    cache.insert("good", good("u-1"));
    for (int count = 0; count < 10'000; ++count) {
        cache.insert("bad " + std::to_string(count), bad_signature);
    }
    EXPECT_NE(cache.find("good"), nullptr);
    EXPECT_GT(cache.negative_size(), 0U);
    EXPECT_LE(cache.bytes(), 64'000U);
}

TEST(token_cache_test, the_least_recently_used_go_first) {
    token_table table(20'000, key);
    table.insert("first", good("u"));
    table.insert("second", good("u"));
    for (int count = 0; count < 200; ++count) {
        (void)table.find("first");
        table.insert("filler " + std::to_string(count), good("u"));
    }
    EXPECT_NE(table.find("first"), nullptr);
    EXPECT_EQ(table.find("second"), nullptr);
    EXPECT_NE(table.find("filler 199"), nullptr);
}

TEST(token_cache_test, what_does_not_fit_is_not_kept_and_pushes_nothing_out_of_a_table_of_nothing) {
    token_table none(0, key);
    none.insert("token", good("u"));
    EXPECT_EQ(none.find("token"), nullptr);
    EXPECT_EQ(none.size(), 0U);

    token_table small(2'000, key);
    small.insert(std::string(3'000, 'x'), good("u"));
    EXPECT_EQ(small.size(), 0U);
    EXPECT_LE(small.bytes(), 2'000U);
}

TEST(token_cache_test, large_claims_count) {
    verified_token large;
    large.who.claims["groups"] = std::string(5'000, 'g');
    large.who.claims["nested"].emplace_object()["list"].emplace_array().resize(100, "twenty and more letters in each");
    EXPECT_GT(footprint(large), 5'000U + 100U * 24U);

    token_table table(100'000, key);
    for (int count = 0; count < 100; ++count) {
        table.insert(std::to_string(count), std::make_shared<const verified_token>(large));
    }
    EXPECT_LE(table.size(), 100'000U / 7'400U);
    EXPECT_GT(table.size(), 0U);
}

/// A list of names and users, the most recently used first; what it holds at
/// least must be found, and the order in which the table forgets is the list's.
TEST(token_cache_test, behaves_as_the_model_under_random_operations) {
    std::mt19937 random(20'260'101);
    for (const std::size_t limit : {700U, 3'000U, 20'000U, 200'000U}) {
        token_table table(limit, key);
        std::vector<std::pair<std::string, std::string>> model;
        for (int step = 0; step < 5'000; ++step) {
            const std::string name = std::string(random() % 60, 't') + std::to_string(random() % 50);
            const auto known = std::ranges::find(model, name, &std::pair<std::string, std::string>::first);
            if (random() % 3 == 0) {
                const std::string user = "u-" + std::to_string(step);
                table.insert(name, good(user));
                if (known != model.end()) {
                    model.erase(known);
                }
                model.insert(model.begin(), {name, user});
                ASSERT_LE(table.size(), model.size());
                if (table.size() == 0) {
                    model.clear();
                }
                model.resize(table.size()); // the last ones were forgotten
            } else {
                const auto* const found = table.find(name);
                ASSERT_EQ(found != nullptr, known != model.end());
                if (found != nullptr) {
                    ASSERT_EQ((**found)->who.user, known->second);
                    std::rotate(model.begin(), known, known + 1);
                }
            }
            ASSERT_LE(table.bytes(), limit);
            ASSERT_EQ(table.size(), model.size());
        }
        EXPECT_TRUE(limit < 200'000 || table.size() > 100) << "a large table keeps much";
    }
}

TEST(token_cache_test, an_expired_token_stays_refused_however_it_was_found) {
    const std::string secret(64, 's');
    verification_rules rules;
    rules.algorithms = {jose::algorithm::hs256};
    const auto keys = jose::make_secret_key_set(secret, jose::test::options_for(rules.algorithms)).value();
    const auto token =
        jose::test::mint(jose::signing_key::from_secret(secret), jose::algorithm::hs256, R"({"sub":"u-1","exp":1800000000})");
    constexpr time_point expiry{std::chrono::seconds{1'800'000'000}};
    token_cache cache(100'000, key);
    cache.insert(token, verify_token(rules, keys, token));

    const auto verdict_at = [&](time_point now) { return judge_token(rules, ***cache.find(token), now, {}); };
    EXPECT_EQ(verdict_at(expiry - std::chrono::seconds{1}), reason::ok);
    EXPECT_EQ(verdict_at(expiry + rules.clock_skew - std::chrono::milliseconds{1}), reason::ok);
    EXPECT_EQ(verdict_at(expiry + rules.clock_skew), reason::token_expired);
}

} // namespace
} // namespace bearward::policies::tokens
