// How a denied handshake is answered (proxy/BEHAVIOUR.md 9.3): browsers hide the status of a
// refused one, so it can be accepted and closed instead. Pure.
#pragma once

#include "policies/answer.hpp"
#include "policies/decision.hpp"

namespace bearward::proxy::websocket {

/// Whether a denied handshake is accepted only to be closed, as `reject_with` of
/// its route says; otherwise the answer stays HTTP.
[[nodiscard]] bool rejects_by_close(const policies::denial& denied, const policies::answer& what, bool has_origin) noexcept;

} // namespace bearward::proxy::websocket
