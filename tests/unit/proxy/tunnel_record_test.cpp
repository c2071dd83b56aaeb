#include "proxy/exchange/tunnel_record.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy {
namespace {

access_record recorded(tunnel_end why, std::uint16_t sent) {
    access_record record;
    const websocket::frame_scanner from_client;
    const websocket::frame_scanner from_server;
    record_end(record, why, sent, from_client, from_server);
    return record;
}

TEST(tunnel_record, a_peer_that_left_without_a_close_has_1006_and_no_reason) {
    for (const auto& [why, who] : {std::pair(tunnel_end::client, closer::client), std::pair(tunnel_end::upstream, closer::upstream)}) {
        const access_record record = recorded(why, 0);
        EXPECT_EQ(record.closed_by, who);
        EXPECT_EQ(record.close_code, 1006);
        EXPECT_EQ(record.ended, "");
    }
}

TEST(tunnel_record, an_end_of_our_own_has_the_code_that_was_sent_and_its_word) {
    for (const auto& [why, word] :
         {std::pair(tunnel_end::token_expired, "token_expired"), std::pair(tunnel_end::idle_timeout, "idle_timeout"),
          std::pair(tunnel_end::write_timeout, "write_timeout"), std::pair(tunnel_end::shutdown, "shutdown")}) {
        const access_record record = recorded(why, 4401);
        EXPECT_EQ(record.closed_by, closer::bearward);
        EXPECT_EQ(record.close_code, 4401);
        EXPECT_EQ(record.ended, word);
        EXPECT_EQ(recorded(why, 0).close_code, 1006);
    }
}

} // namespace
} // namespace bearward::proxy
