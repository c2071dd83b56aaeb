#include "policies/tokens/revocation_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace bearward::policies::tokens {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1'800'000'000s};
constexpr time_point later = now + 1h;
constexpr revocation_store::key random_bits{{{1, 2}, {3, 4}}};

revocation_entry user(std::string id, std::string provider = {}) {
    return {.what = {revocation_kind::user, std::move(id)}, .provider = std::move(provider)};
}

class store_test : public testing::Test {
protected:
    [[nodiscard]] bool revokes(const revocation_facts& facts, std::string_view provider = "main", time_point at = now) const {
        return store.find(0, facts, provider, at).has_value();
    }

    revocation_store store{random_bits, 1};
};

TEST_F(store_test, kinds_are_apart_and_the_hit_is_named) {
    store.set({.what = {revocation_kind::jti, "a"}, .provider = ""}, later);
    store.set({.what = {revocation_kind::sid, "b"}, .provider = ""}, later);
    store.set(user("c"), later);
    store.set({.what = {revocation_kind::tenant, "d"}, .provider = ""}, later);
    EXPECT_EQ(store.size(), 4U);
    EXPECT_TRUE(revokes({.token_id = "a"}));
    EXPECT_TRUE(revokes({.session = "b"}));
    EXPECT_TRUE(revokes({.user = "c"}));
    EXPECT_TRUE(revokes({.tenant = "d"}));
    EXPECT_FALSE(revokes({.token_id = "b", .session = "a", .user = "d", .tenant = "c"}));
    EXPECT_FALSE(revokes({.token_id = "A"}));
    EXPECT_FALSE(revokes({}));
    const std::vector<std::string> tenants{"x", "d"};
    const auto hit = store.find(0, {.user = "z", .tenants = tenants}, "main", now);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->kind, revocation_kind::tenant);
    EXPECT_EQ(hit->id, "d");
}

TEST_F(store_test, an_entry_of_one_provider_revokes_nobody_of_another) {
    store.set(user("u", "main"), later);
    EXPECT_TRUE(revokes({.user = "u"}));
    EXPECT_FALSE(revokes({.user = "u"}, "other"));
    store.set(user("u", "other"), later);
    store.take_back(user("u", "main"));
    EXPECT_FALSE(revokes({.user = "u"}));
    EXPECT_TRUE(revokes({.user = "u"}, "other"));
    store.set(user("u"), later);
    EXPECT_TRUE(revokes({.user = "u"}, "any"));
}

TEST_F(store_test, a_tenant_may_be_of_one_issuer_alone) {
    store.set({.what = {revocation_kind::tenant, "t"}, .provider = "main", .issuer = "https://one/"}, later);
    const std::vector<std::string> several{"x", "t"};
    EXPECT_TRUE(revokes({.tenant = "t", .issuer = "https://one/"}));
    EXPECT_TRUE(revokes({.tenants = several, .issuer = "https://one/"}));
    EXPECT_FALSE(revokes({.tenant = "t", .issuer = "https://two/"}));
    EXPECT_FALSE(revokes({.tenants = several, .issuer = "https://two/"}));
    EXPECT_FALSE(revokes({.tenant = "t"}));
    EXPECT_FALSE(revokes({.subject = "t", .issuer = "https://one/"}));
}

TEST_F(store_test, a_subject_is_no_user_and_may_be_of_one_issuer_alone) {
    store.set({.what = {revocation_kind::sub, "a"}, .provider = "main"}, later);
    EXPECT_TRUE(revokes({.subject = "a"}));
    EXPECT_TRUE(revokes({.subject = "a", .issuer = "https://any/"}));
    EXPECT_FALSE(revokes({.subject = "a"}, "other"));
    EXPECT_FALSE(revokes({.token_id = "a", .session = "a", .user = "a", .tenant = "a"}));
    store.set({.what = {revocation_kind::sub, "b"}, .provider = "main", .issuer = "https://one/"}, later);
    store.set({.what = {revocation_kind::sid, "s"}, .provider = "main", .issuer = "https://one/"}, later);
    EXPECT_EQ(store.size(), 3U);
    EXPECT_TRUE(revokes({.subject = "b", .issuer = "https://one/"}));
    EXPECT_TRUE(revokes({.session = "s", .issuer = "https://one/"}));
    EXPECT_FALSE(revokes({.session = "b", .subject = "s", .issuer = "https://one/"}));
    EXPECT_FALSE(revokes({.session = "s", .subject = "b", .issuer = "https://two/"}));
    EXPECT_FALSE(revokes({.session = "s", .subject = "b"}));
    const auto hit = store.find(0, {.session = "s", .issuer = "https://one/"}, "main", now);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->kind, revocation_kind::sid);
    store.take_back({.what = {revocation_kind::sid, "s"}, .provider = "main", .issuer = "https://one/"});
    EXPECT_FALSE(revokes({.session = "s", .issuer = "https://one/"}));
}

TEST_F(store_test, an_entry_ends_with_its_time) {
    store.set(user("a"), now);
    store.set(user("b"), now + 1ms);
    store.set(user("c"), time_point::max());
    EXPECT_FALSE(revokes({.user = "a"}));
    EXPECT_TRUE(revokes({.user = "b"}));
    EXPECT_TRUE(revokes({.user = "b"}, "main", now + 999ms)) << "whole seconds, rounded up";
    EXPECT_FALSE(revokes({.user = "b"}, "main", now + 1s));
    EXPECT_TRUE(revokes({.user = "c"}, "main", time_point(500'000h * 24)));
    store.drop_expired(now + 1s);
    EXPECT_EQ(store.size(), 1U);
}

TEST_F(store_test, with_before_only_tokens_that_were_issued_not_later) {
    revocation_entry entry = user("u");
    entry.before = now;
    store.set(entry, later);
    EXPECT_TRUE(revokes({.user = "u", .issued_at = now - 1s}));
    EXPECT_TRUE(revokes({.user = "u", .issued_at = now}));
    EXPECT_FALSE(revokes({.user = "u", .issued_at = now + 1ms}));
    EXPECT_FALSE(revokes({.user = "u", .issued_at = now + 1s}));
    EXPECT_TRUE(revokes({.user = "u"})) << "one that does not say when counts as old";
    entry.before = now + 1h;
    store.set(entry, later);
    EXPECT_EQ(store.size(), 2U);
    EXPECT_TRUE(revokes({.user = "u", .issued_at = now + 1s}));
    store.take_back(entry);
    EXPECT_FALSE(revokes({.user = "u", .issued_at = now + 1s}));
    EXPECT_TRUE(revokes({.user = "u", .issued_at = now}));
}

TEST_F(store_test, set_takes_the_new_term_and_extend_the_longer_one) {
    store.set(user("u"), later);
    store.extend(user("u"), now + 1s);
    EXPECT_TRUE(revokes({.user = "u"}, "main", now + 10min));
    store.set(user("u"), now + 1s);
    EXPECT_FALSE(revokes({.user = "u"}, "main", now + 10min));
    store.extend(user("u"), later);
    EXPECT_TRUE(revokes({.user = "u"}, "main", now + 10min));
    EXPECT_EQ(store.size(), 1U);
}

TEST_F(store_test, what_is_taken_back_can_be_revoked_again) {
    store.set(user("u"), later);
    store.take_back(user("u"));
    EXPECT_FALSE(revokes({.user = "u"}));
    EXPECT_EQ(store.size(), 0U);
    store.take_back(user("u"));
    store.take_back(user("never there"));
    EXPECT_EQ(store.size(), 0U);
    store.set(user("u"), later);
    EXPECT_TRUE(revokes({.user = "u"}));
    EXPECT_EQ(store.size(), 1U);
}

TEST_F(store_test, there_are_no_more_than_the_most) {
    EXPECT_TRUE(store.set(user("a"), later, 1));
    EXPECT_FALSE(store.set(user("b"), later, 1));
    EXPECT_TRUE(store.set(user("a"), now + 2h, 1)) << "it is there already";
    EXPECT_FALSE(revokes({.user = "b"}));
    store.take_back(user("a"));
    EXPECT_TRUE(store.extend(user("b"), later, 1));
}

TEST_F(store_test, a_reading_drops_what_it_did_not_mention) {
    store.set(user("stays"), later);
    store.set(user("gone"), later);
    store.begin_reading();
    EXPECT_TRUE(revokes({.user = "gone"})) << "until the end";
    store.take_read(user("stays"), later);
    store.take_read(user("new"), later);
    EXPECT_EQ(store.end_reading(), 1U);
    EXPECT_FALSE(revokes({.user = "gone"}));
    EXPECT_TRUE(revokes({.user = "stays"}));
    EXPECT_TRUE(revokes({.user = "new"}));
}

TEST_F(store_test, changes_during_a_reading_win_over_what_is_read) {
    store.set(user("old"), later);
    store.begin_reading();
    store.set(user("added"), later);
    store.take_back(user("taken back"));
    store.take_back(user("old"));
    store.set(user("shorter"), now + 1s);
    for (int more = 0; more < 10'000; ++more) { // tables are replaced meanwhile
        store.take_read(user("more " + std::to_string(more)), later);
    }
    store.take_read(user("taken back"), later); // the page was made before
    store.take_read(user("old"), later);
    store.take_read(user("shorter"), later);
    store.end_reading();
    EXPECT_TRUE(revokes({.user = "added"}));
    EXPECT_FALSE(revokes({.user = "taken back"}));
    EXPECT_FALSE(revokes({.user = "old"}));
    EXPECT_FALSE(revokes({.user = "shorter"}, "main", now + 10min));
    EXPECT_EQ(store.size(), 10'002U);
    store.begin_reading();
    store.end_reading();
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(store_test, a_reading_that_is_abandoned_drops_nothing) {
    store.set(user("u"), later);
    store.begin_reading();
    store.take_read(user("v"), later);
    store.abandon_reading();
    EXPECT_TRUE(revokes({.user = "u"}));
    EXPECT_TRUE(revokes({.user = "v"}));
}

TEST_F(store_test, a_million_entries_take_less_than_100_mb_and_give_their_room_back) {
    constexpr std::size_t million = 1'000'000;
    for (std::size_t number = 0; number < million; ++number) {
        store.set({.what = {revocation_kind::jti, std::to_string(number)}, .provider = ""}, number % 2 == 0 ? later : now);
    }
    EXPECT_EQ(store.size(), million);
    EXPECT_LT(store.bytes(), std::size_t{100} * 1000 * 1000);
    EXPECT_TRUE(revokes({.token_id = "0"}));
    EXPECT_TRUE(revokes({.token_id = "999998"}));
    EXPECT_FALSE(revokes({.token_id = "1000000"}));
    store.drop_expired(now);
    EXPECT_EQ(store.size(), million / 2);
    store.drop_expired(later);
    EXPECT_EQ(store.size(), 0U);
    EXPECT_LT(store.bytes(), std::size_t{200} * 1000);
    EXPECT_FALSE(revokes({.token_id = "0"}));
}

TEST(store_threads, readers_see_what_is_there_while_tables_are_replaced) {
    constexpr std::size_t readers = 3;
    revocation_store store(random_bits, readers);
    store.set(user("always"), time_point::max());
    std::atomic<bool> ended{false};
    std::atomic<unsigned> wrong{0};
    std::vector<std::thread> threads;
    for (std::size_t reader = 0; reader < readers; ++reader) {
        threads.emplace_back([&, reader] {
            while (!ended.load()) {
                const bool there = store.find(reader, {.user = "always"}, "main", now).has_value();
                const bool never = store.find(reader, {.token_id = "never", .user = "nobody"}, "main", now).has_value();
                wrong += there && !never ? 0 : 1;
            }
        });
    }
    for (int round = 0; round < 4; ++round) {
        for (int number = 0; number < 5'000; ++number) {
            store.set(user("u" + std::to_string(number)), now + std::chrono::seconds(round + 1));
        }
        store.begin_reading();
        store.take_read(user("always"), time_point::max());
        store.end_reading();
        store.drop_expired(now + 10s);
    }
    ended = true;
    for (auto& each : threads) {
        each.join();
    }
    EXPECT_EQ(wrong.load(), 0U);
    EXPECT_EQ(store.size(), 1U);
}

} // namespace
} // namespace bearward::policies::tokens
