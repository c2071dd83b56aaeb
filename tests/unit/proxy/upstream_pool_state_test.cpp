#include "proxy/upstream/pool_state.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy::upstream {
namespace {

constexpr served_request clean{.keep_alive = true,
                               .until_close = false,
                               .request_sent = true,
                               .bytes_left_over = false,
                               .head_request = false,
                               .body_missing = false,
                               .awaits_continue = false};

TEST(pool_state, a_connection_whose_request_and_response_are_complete_serves_again_at_once) {
    EXPECT_EQ(judge_use(clean, false), next_use::at_once);
    EXPECT_EQ(judge_use(clean, true), next_use::at_once) << "an answer with a body is in no doubt";
    EXPECT_EQ(judge_use({}, false), next_use::never) << "nothing is assumed";
}

TEST(pool_state, each_fault_alone_ends_a_connection) {
    auto last = clean;
    last.keep_alive = false;
    EXPECT_EQ(judge_use(last, false), next_use::never);
    last = clean;
    last.until_close = true;
    EXPECT_EQ(judge_use(last, false), next_use::never);
    last = clean;
    last.request_sent = false;
    EXPECT_EQ(judge_use(last, false), next_use::never) << "the rest of the body would be the next request";
    last = clean;
    last.bytes_left_over = true;
    EXPECT_EQ(judge_use(last, false), next_use::never) << "they would be the next client's response";
    last = clean;
    last.head_request = true;
    EXPECT_EQ(judge_use(last, false), next_use::never) << "its body may come later";
    last = clean;
    last.awaits_continue = true;
    EXPECT_EQ(judge_use(last, false), next_use::never) << "its 100 may come later";
}

TEST(pool_state, after_a_status_without_body_a_connection_rests_unless_the_server_sends_bodies_there) {
    auto last = clean;
    last.body_missing = true;
    EXPECT_EQ(judge_use(last, false), next_use::after_rest);
    EXPECT_EQ(judge_use(last, true), next_use::never);
    last.keep_alive = false;
    EXPECT_EQ(judge_use(last, false), next_use::never);
}

TEST(pool_state, idle_ones_are_kept_up_to_their_number_while_their_address_is_the_servers) {
    EXPECT_TRUE(may_keep(0, 1, true));
    EXPECT_FALSE(may_keep(1, 1, true));
    EXPECT_FALSE(may_keep(0, 0, true));
    EXPECT_FALSE(may_keep(0, 1, false));
}

constexpr failed_request stale{.pooled = true, .response_began = false, .replayable = true, .idempotent = true, .written = true};

TEST(pool_state, an_idempotent_request_on_a_dead_pooled_connection_is_sent_again) {
    EXPECT_TRUE(may_send_again(stale));
}

TEST(pool_state, another_is_sent_again_only_when_no_byte_of_it_was_written) {
    auto what = stale;
    what.idempotent = false;
    EXPECT_FALSE(may_send_again(what));
    what.written = false;
    EXPECT_TRUE(may_send_again(what));
}

TEST(pool_state, nothing_is_sent_again_from_a_new_connection_or_after_a_byte_or_with_half_a_body) {
    auto what = stale;
    what.pooled = false;
    EXPECT_FALSE(may_send_again(what)) << "or it would be sent more than twice";
    what = stale;
    what.response_began = true;
    EXPECT_FALSE(may_send_again(what));
    what = stale;
    what.replayable = false;
    EXPECT_FALSE(may_send_again(what));
    what.written = false;
    EXPECT_FALSE(may_send_again(what)) << "bytes of the body may have been taken from the client";
    EXPECT_FALSE(may_send_again({})) << "nothing is assumed";
}

} // namespace
} // namespace bearward::proxy::upstream
