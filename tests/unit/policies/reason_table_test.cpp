// What the classes of reasons promise of their answers.
#include "policies/reason_table.hpp"

#include <gtest/gtest.h>

namespace bearward::policies {
namespace {

TEST(reason_table, the_words_of_the_metrics_are_made_of_small_letters_and_underscores) {
    for (const reason_row& each : reason_table) {
        EXPECT_EQ(each.word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << each.word;
        EXPECT_FALSE(each.word.empty());
    }
}

TEST(reason_table, a_class_has_the_statuses_of_its_kind) {
    for (const reason_row& each : reason_table) {
        const unsigned status = each.answer.status;
        switch (each.about) {
        case reason_class::forwarded:
            EXPECT_EQ(status, 200U) << each.word;
            break;
        case reason_class::credential:
            EXPECT_EQ(status, each.value == reason::token_multiple ? 400U : 401U) << each.word;
            break;
        case reason_class::requirement:
            EXPECT_EQ(status, each.value == reason::step_up_required ? 401U : 403U) << each.word; // another login meets it
            break;
        case reason_class::handshake:
            EXPECT_EQ(status, 403U) << each.word;
            break;
        case reason_class::rate:
            EXPECT_EQ(status, 429U) << each.word;
            break;
        case reason_class::request:
            EXPECT_TRUE(status >= 400 && status < 500 && status != 401 && status != 403) << each.word;
            break;
        case reason_class::own_trouble:
            EXPECT_EQ(status, 503U) << each.word;
            break;
        case reason_class::upstream:
            EXPECT_TRUE(status == 502 || status == 504) << each.word;
            break;
        }
    }
}

TEST(reason_table, a_challenge_is_for_credentials_and_requirements_and_closes_a_websocket) {
    for (const reason_row& each : reason_table) {
        const bool asked = each.about == reason_class::credential || each.about == reason_class::requirement;
        EXPECT_EQ(each.answer.challenge, asked) << each.word;
        EXPECT_TRUE(!asked || each.answer.close_code == close_code::policy_violation) << each.word;
        EXPECT_TRUE(asked || each.answer.error.empty()) << each.word;
    }
}

TEST(reason_table, the_reasons_of_a_class_come_in_their_order) {
    constexpr auto found = reasons_about<reason_class::upstream>();
    static_assert(found == std::array{reason::upstream_unavailable, reason::upstream_timeout, reason::upstream_error});
    EXPECT_EQ(reasons_about<reason_class::forwarded>().size(), 3U);
}

} // namespace
} // namespace bearward::policies
