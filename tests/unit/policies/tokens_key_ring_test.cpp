// The keys of one provider, as they change.
#include "policies/tokens/key_ring.hpp"

#include "tests/unit/policies/jose_test_tokens.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace bearward::policies::tokens {
namespace {

key_set_ptr set_of(std::size_t count) {
    jose::key_set made;
    const auto one = jose::test::keys_of(jose::test::shared_key(jose::algorithm::hs256).jwk(jose::algorithm::hs256, "k")).keys.front();
    made.keys.assign(count, one);
    return std::make_shared<const jose::key_set>(std::move(made));
}

TEST(key_ring, is_empty_before_the_first_keys) {
    const key_ring ring;
    EXPECT_EQ(ring.current().keys, nullptr);
    EXPECT_NE(ring.epoch(), key_ring::edition{}.epoch) << "whoever took nothing yet has to take what there is";
    EXPECT_EQ(ring.current().epoch, ring.epoch());
}

TEST(key_ring, a_swap_is_another_epoch_and_leaves_the_old_keys_to_who_has_them) {
    key_ring ring(*set_of(1));
    const auto before = ring.current();
    const auto next = set_of(2);
    ring.replace(next);
    EXPECT_NE(ring.epoch(), before.epoch);
    EXPECT_EQ(ring.current().keys, next);
    EXPECT_EQ(before.keys->keys.size(), 1U);
    ring.replace(nullptr);
    EXPECT_EQ(ring.current().keys, nullptr) << "they have become too old";
    EXPECT_NE(ring.epoch(), before.epoch);
}

TEST(key_ring, threads_that_look_at_the_epoch_never_keep_old_keys) {
    key_ring ring(*set_of(1));
    std::atomic<std::size_t> published{1};
    std::atomic<bool> wrong{false};
    {
        std::vector<std::jthread> readers;
        for (int count = 0; count < 3; ++count) {
            readers.emplace_back([&] {
                key_ring::edition mine;
                while (published.load() < 200) {
                    const std::size_t least = published.load();
                    if (mine.epoch != ring.epoch()) {
                        mine = ring.current();
                    }
                    wrong = wrong || mine.keys->keys.size() < least;
                }
            });
        }
        for (std::size_t size = 2; size <= 200; ++size) {
            ring.replace(set_of(size));
            published = size;
        }
    }
    EXPECT_FALSE(wrong);
}

} // namespace
} // namespace bearward::policies::tokens
