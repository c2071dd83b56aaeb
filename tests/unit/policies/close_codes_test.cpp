#include "policies/close_codes.hpp"

#include "policies/reason_table.hpp"

#include <gtest/gtest.h>

namespace bearward::policies {
namespace {

TEST(close_codes, without_a_word_all_is_1008_but_the_rate_limit) {
    const close_codes none;
    EXPECT_EQ(choose_close_code(none, reason::token_missing), 1008);
    EXPECT_EQ(choose_close_code(none, reason::token_multiple), 1008);
    EXPECT_EQ(choose_close_code(none, reason::token_expired), 1008);
    EXPECT_EQ(choose_close_code(none, reason::token_revoked), 1008);
    EXPECT_EQ(choose_close_code(none, reason::role_missing), 1008);
    EXPECT_EQ(choose_close_code(none, reason::origin_denied), 1008);
    EXPECT_EQ(choose_close_code(none, reason::rate_limited), 1013);
}

TEST(close_codes, one_code_is_for_all_but_the_rate_limit) {
    const close_codes one{.otherwise = 4403};
    for (const reason_row& each : reason_table) {
        const auto usual = each.answer.close_code;
        EXPECT_EQ(choose_close_code(one, each.value), usual == 1008 ? 4403 : usual) << each.word;
    }
}

TEST(close_codes, the_most_particular_counts) {
    const close_codes all{
        .otherwise = 4000, .on_400 = 4400, .on_401 = 4401, .on_403 = 4403, .on_429 = 4429, .expired = 4408, .revoked = 4409};
    EXPECT_EQ(choose_close_code(all, reason::token_multiple), 4400);
    EXPECT_EQ(choose_close_code(all, reason::token_missing), 4401);
    EXPECT_EQ(choose_close_code(all, reason::signature_invalid), 4401);
    EXPECT_EQ(choose_close_code(all, reason::token_expired), 4408);
    EXPECT_EQ(choose_close_code(all, reason::token_revoked), 4409);
    EXPECT_EQ(choose_close_code(all, reason::tenant_mismatch), 4403);
    EXPECT_EQ(choose_close_code(all, reason::origin_denied), 4403);
    EXPECT_EQ(choose_close_code(all, reason::rate_limited), 4429);
}

TEST(close_codes, what_is_not_named_falls_back_step_by_step) {
    const close_codes by_status{.otherwise = 4000, .on_401 = 4401};
    EXPECT_EQ(choose_close_code(by_status, reason::token_expired), 4401);
    EXPECT_EQ(choose_close_code(by_status, reason::token_revoked), 4401);
    EXPECT_EQ(choose_close_code(by_status, reason::scope_missing), 4000);
    EXPECT_EQ(choose_close_code(by_status, reason::rate_limited), 1013);
    const close_codes expired{.expired = 4401};
    EXPECT_EQ(choose_close_code(expired, reason::token_expired), 4401);
    EXPECT_EQ(choose_close_code(expired, reason::token_revoked), 1008);
    EXPECT_EQ(choose_close_code(expired, reason::token_missing), 1008);
}

TEST(close_codes, what_stays_http_has_none) {
    const close_codes one{.otherwise = 4000, .on_400 = 4400, .on_403 = 4403};
    for (const reason why : {reason::bad_request, reason::no_route, reason::method_not_allowed, reason::keys_unavailable,
                             reason::upstream_unavailable, reason::limit_exceeded}) {
        EXPECT_EQ(choose_close_code(one, why), 0) << to_string(why);
    }
}

} // namespace
} // namespace bearward::policies
