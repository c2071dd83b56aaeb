#include "policies/tokens/shared_revocations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bearward::policies::tokens {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr time_point now{1'800'000'000s};
constexpr revocation_store::key random_bits{{{1, 2}, {3, 4}}};

class shared_revocations_test : public testing::Test {
protected:
    shared_revocations_test() {
        token.who.user = "u-1";
        token.id = "t-1";
        all.local = local;
        all.feed = feed;
    }

    [[nodiscard]] std::optional<refusal> find() const { return find_revocation(all, "main", token, now, 0); }

    verified_token token;
    std::shared_ptr<revocation_store> local = std::make_shared<revocation_store>(random_bits, 1);
    std::shared_ptr<revocation_feed> feed = std::make_shared<revocation_feed>(random_bits, 1);
    shared_revocations all;
};

TEST_F(shared_revocations_test, an_issuers_subject_is_the_tokens_own_claim) {
    local->set({.what = {revocation_kind::sub, "42"}, .provider = "main"}, now + 1h);
    EXPECT_FALSE(find());
    token.who.claims["sub"] = "42";
    ASSERT_TRUE(find());
    EXPECT_EQ(find()->cause, "sub '42' is revoked");
    token.who.claims["sub"] = 42; // as text, once its claims are read
    EXPECT_FALSE(find());
    token.subject = "42";
    EXPECT_TRUE(find());
}

TEST_F(shared_revocations_test, either_source_revokes) {
    EXPECT_FALSE(find());
    local->set({.what = {revocation_kind::user, "u-1"}, .provider = ""}, now + 1h);
    ASSERT_TRUE(find());
    EXPECT_EQ(find()->why, reason::token_revoked);
    EXPECT_EQ(find()->cause, "user 'u-1' is revoked");
    local->take_back({.what = {revocation_kind::user, "u-1"}, .provider = ""});
    EXPECT_FALSE(find());
    feed->revoked.set({.what = {revocation_kind::jti, "t-1"}, .provider = "main"}, now + 1h);
    ASSERT_TRUE(find());
    EXPECT_EQ(find()->cause, "jti 't-1' is revoked");
    EXPECT_FALSE(find_revocation({}, "main", token, now, 0));
}

TEST_F(shared_revocations_test, the_last_state_counts_while_a_feed_is_away_unless_it_is_needed) {
    feed->revoked.set({.what = {revocation_kind::jti, "t-9"}, .provider = ""}, now + 1h);
    EXPECT_FALSE(find());
    all.needs_feed = true;
    ASSERT_TRUE(find());
    EXPECT_EQ(find()->why, reason::revocation_unavailable);
    EXPECT_THAT(find()->cause, HasSubstr("'main'"));
    local->set({.what = {revocation_kind::user, "u-1"}, .provider = ""}, now + 1h);
    EXPECT_EQ(find()->why, reason::token_revoked) << "that much is known";
    local->take_back({.what = {revocation_kind::user, "u-1"}, .provider = ""});
    feed->current = true;
    EXPECT_FALSE(find());
    token.id = "t-9";
    EXPECT_EQ(find()->why, reason::token_revoked);
}

} // namespace
} // namespace bearward::policies::tokens
