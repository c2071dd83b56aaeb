// What an issuer sends of its revocations, judged: whose it is, whether it is genuine, and
// what counts no longer. Whether the same came before is for the caller to know.
#pragma once

#include "policies/clock.hpp"
#include "policies/need.hpp"
#include "policies/refusal.hpp"
#include "policies/snapshot.hpp"
#include "policies/tokens/event_claims.hpp"

#include <string_view>
#include <variant>

namespace bearward::policies {

using notice_verdict = std::variant<tokens::issuer_notice, refusal, need>;

/// `token` is what a request to this receiver's path carried. With on_need::tell the outcome is a need
/// where other keys could verify it; otherwise a refusal with keys_unavailable then.
[[nodiscard]] notice_verdict judge_notice(const revocation_receiver& by, std::string_view token, time_point now, on_need lacking);

/// The receiver of this canonical path; null: none.
[[nodiscard]] const revocation_receiver* find_receiver(const snapshot& rules, std::string_view path) noexcept;

} // namespace bearward::policies
