// The codes of Close frames that Bearward knows by name (RFC 6455 section 7.4, and
// IANA's registry of close codes).
#pragma once

#include <cstdint>

namespace bearward::policies::close_code {

inline constexpr std::uint16_t none = 0; ///< no Close is sent: the answer stays HTTP
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t no_status = 1005; ///< of a Close without a code; never sent
inline constexpr std::uint16_t abnormal = 1006;  ///< of an end without a Close; never sent
inline constexpr std::uint16_t policy_violation = 1008;
inline constexpr std::uint16_t message_too_big = 1009;
inline constexpr std::uint16_t try_again_later = 1013;
inline constexpr std::uint16_t first_private = 4000; ///< section 7.4.2: for use by agreement
inline constexpr std::uint16_t last_private = 4999;

} // namespace bearward::policies::close_code
