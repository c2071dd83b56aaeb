// The code of each Close that Bearward sends for what a credential says: the
// operator's, since some clients take 1008 (RFC 6455 section 7.4.1) as final and
// never ask again with a fresh token. Pure.
#pragma once

#include "policies/close_code.hpp"
#include "policies/reason.hpp"

#include <cstdint>
#include <optional>

namespace bearward::policies {

/// A route's codes, each 1008 or 4000 to 4999; nothing: the next more general one.
struct close_codes {
    std::uint16_t otherwise = close_code::policy_violation;
    std::optional<std::uint16_t> on_400; ///< by the status that would be answered
    std::optional<std::uint16_t> on_401;
    std::optional<std::uint16_t> on_403;
    std::optional<std::uint16_t> on_429;
    std::optional<std::uint16_t> expired; ///< at the handshake or while the socket is open; else on_401
    std::optional<std::uint16_t> revoked; ///< likewise

    friend bool operator==(const close_codes&, const close_codes&) = default;
};

/// The code for a reason, the most particular one of `codes`; rate_limited is 1013
/// unless on_429 is there. 0: the answer stays HTTP.
[[nodiscard]] std::uint16_t choose_close_code(const close_codes& codes, reason why) noexcept;

} // namespace bearward::policies
