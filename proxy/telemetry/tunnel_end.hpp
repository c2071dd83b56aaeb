// How an open WebSocket ends: the words of the access log and of the metric
// bearward_websocket_closes_total.
#pragma once

#include "policies/word_table.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace bearward::proxy {

/// Who ended a WebSocket.
enum class closer : std::uint8_t { nobody, client, upstream, bearward };

inline constexpr auto closer_table = std::to_array<policies::word_row<closer>>({
    {closer::nobody, ""},
    {closer::client, "client"},
    {closer::upstream, "upstream"},
    {closer::bearward, "bearward"},
});
static_assert(policies::is_word_table(closer_table));

/// Why an open WebSocket ended: who began, or why Bearward did.
enum class tunnel_end : std::uint8_t {
    client,
    upstream,
    token_expired,
    token_revoked,
    recheck,
    idle_timeout,
    max_lifetime,
    max_message,
    max_frame_rate,
    write_timeout,
    shutdown
};

struct tunnel_end_row {
    tunnel_end value;
    std::string_view word;
    closer closed_by;
};

inline constexpr auto tunnel_end_table = std::to_array<tunnel_end_row>({
    {tunnel_end::client, "client", closer::client},
    {tunnel_end::upstream, "upstream", closer::upstream},
    {tunnel_end::token_expired, "token_expired", closer::bearward},
    {tunnel_end::token_revoked, "token_revoked", closer::bearward},
    {tunnel_end::recheck, "recheck", closer::bearward},
    {tunnel_end::idle_timeout, "idle_timeout", closer::bearward},
    {tunnel_end::max_lifetime, "max_lifetime", closer::bearward},
    {tunnel_end::max_message, "max_message", closer::bearward},
    {tunnel_end::max_frame_rate, "max_frame_rate", closer::bearward},
    {tunnel_end::write_timeout, "write_timeout", closer::bearward},
    {tunnel_end::shutdown, "shutdown", closer::bearward},
});
static_assert(policies::is_word_table(tunnel_end_table));

} // namespace bearward::proxy
