// Why Bearward ended an answer that was still running: the words of the access log and of the metric
// bearward_stream_ends_total.
#pragma once

#include "policies/reason.hpp"
#include "policies/word_table.hpp"

#include <array>
#include <cstdint>

namespace bearward::proxy {

enum class stream_end : std::uint8_t { token_expired, token_revoked, shutdown };

inline constexpr auto stream_end_table = std::to_array<policies::word_row<stream_end>>({
    {stream_end::token_expired, "token_expired"},
    {stream_end::token_revoked, "token_revoked"},
    {stream_end::shutdown, "shutdown"},
});
static_assert(policies::is_word_table(stream_end_table));

} // namespace bearward::proxy
