// What an operator revokes while the process runs (POST /revoke, proxy/BEHAVIOUR.md 12),
// as it is read, asked for and answered.
#pragma once

#include "policies/tokens/revocation_entry.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace bearward::proxy::providers {

using policies::tokens::revocation_order;

struct revocation_outcome {
    enum class kind : std::uint8_t {
        kept,
        refused,     ///< it would mean nothing
        unavailable, ///< what keeps it can't be reached: it is kept nowhere that we could promise
    };
    kind what = kind::kept;
    std::string why; ///< unless kept
};

/// Called once; or never, when the process ends before.
using revocation_answer = std::function<void(revocation_outcome)>;
/// Has it kept and returns at once.
using revocation_request = std::function<void(revocation_order, revocation_answer)>;

/// One JSON object: exactly one of `jti`, `sid`, `user` and `tenant`, maybe `provider`,
/// `until` (RFC 3339, later than now; a day from now where it is absent) and `before` (RFC
/// 3339, or whole seconds since 1970). Error: a sentence.
[[nodiscard]] std::expected<revocation_order, std::string> parse_revocation_order(std::string_view body, policies::time_point now);

} // namespace bearward::proxy::providers
