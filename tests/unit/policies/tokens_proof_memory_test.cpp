// A proof counts once, for as long as it could count, within a bound.
#include "policies/tokens/proof_memory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace bearward::policies::tokens {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1'800'000'000s};

TEST(proof_memory, a_jti_counts_once_for_its_key) {
    proof_memory memory;
    EXPECT_EQ(memory.use("k", "1", now + 90s, now), proof_use::first);
    EXPECT_EQ(memory.use("k", "1", now + 90s, now), proof_use::repeated);
    EXPECT_EQ(memory.use("k", "2", now + 90s, now), proof_use::first);
    EXPECT_EQ(memory.use("other", "1", now + 90s, now), proof_use::first);
    EXPECT_EQ(memory.use("k1", "", now + 90s, now), proof_use::first) << "key and jti are different things";
}

TEST(proof_memory, it_is_known_for_as_long_as_it_could_count) {
    proof_memory memory;
    EXPECT_EQ(memory.use("k", "1", now + 90s, now), proof_use::first);
    EXPECT_EQ(memory.use("k", "1", now + 500s, now + 90s), proof_use::repeated) << "a later iat changes nothing";
    EXPECT_EQ(memory.use("k", "1", now + 500s, now + 90s + 1ms), proof_use::first);
    EXPECT_EQ(memory.size(), 1U);
}

TEST(proof_memory, what_does_not_fit_is_never_new_and_room_comes_back) {
    proof_memory memory(100);
    for (int count = 0; count < 100; ++count) {
        EXPECT_EQ(memory.use("k", std::to_string(count), now + 90s + std::chrono::seconds(count), now), proof_use::first);
    }
    EXPECT_EQ(memory.use("k", "100", now + 90s, now), proof_use::no_room);
    EXPECT_EQ(memory.use("k", "7", now + 90s, now), proof_use::repeated) << "what is known is still known";
    EXPECT_EQ(memory.use("k", "100", now + 200s, now + 90s + 1ms), proof_use::first) << "one has ended, whichever it was";
    EXPECT_EQ(memory.use("k", "101", now + 200s, now + 90s + 1ms), proof_use::no_room);
}

TEST(proof_memory, what_was_used_for_nothing_may_be_used_again) {
    proof_memory memory(1);
    EXPECT_EQ(memory.use("k", "1", now + 90s, now), proof_use::first);
    memory.give_back("k", "2");
    memory.give_back("other", "1");
    EXPECT_EQ(memory.use("k", "1", now + 90s, now), proof_use::repeated);
    memory.give_back("k", "1");
    EXPECT_EQ(memory.size(), 0U);
    EXPECT_EQ(memory.use("k", "1", now + 90s, now), proof_use::first);
}

TEST(proof_memory, looking_uses_nothing) {
    proof_memory memory;
    EXPECT_FALSE(memory.contains("k", "1", now));
    EXPECT_EQ(memory.use("k", "1", now + 90s, now), proof_use::first);
    EXPECT_TRUE(memory.contains("k", "1", now));
    EXPECT_FALSE(memory.contains("k", "2", now));
    EXPECT_FALSE(memory.contains("other", "1", now));
    EXPECT_FALSE(memory.contains("k", "1", now + 91s)) << "too old";
    EXPECT_EQ(memory.size(), 0U);
}

TEST(proof_memory, it_keeps_a_hundred_thousand) {
    proof_memory memory;
    for (std::size_t count = 0; count < proof_memory::usual_capacity; ++count) {
        ASSERT_EQ(memory.use("k", std::to_string(count), now + 90s, now), proof_use::first);
    }
    EXPECT_EQ(memory.use("k", "x", now + 90s, now), proof_use::no_room);
    EXPECT_EQ(memory.size(), 100'000U);
}

TEST(proof_memory, of_threads_that_use_the_same_proof_one_is_first) {
    proof_memory memory;
    constexpr int proofs = 500;
    std::atomic<int> firsts{0};
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int count = 0; count < proofs; ++count) {
                firsts += memory.use("k", std::to_string(count), now + 90s, now) == proof_use::first ? 1 : 0;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(firsts, proofs);
}

} // namespace
} // namespace bearward::policies::tokens
