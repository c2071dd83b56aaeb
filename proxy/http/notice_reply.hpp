// What an issuer gets as an answer to what it sent (OpenID Connect Back-Channel Logout 1.0 section
// 2.8, RFC 8935 section 2). Pure.
#pragma once

#include "policies/reason.hpp"
#include "policies/snapshot.hpp"
#include "proxy/http/local_reply.hpp"

namespace bearward::proxy::http {

/// It is kept.
[[nodiscard]] local_reply make_notice_receipt(policies::revocation_receiver::kind takes);

/// Why it isn't: 400, 401 for token_missing; 503 where that is our own trouble, which the issuer
/// repeats it for.
[[nodiscard]] local_reply make_notice_refusal(policies::revocation_receiver::kind takes, policies::reason why);

/// Whether it is our own trouble.
[[nodiscard]] bool is_own_trouble(policies::reason why) noexcept;

} // namespace bearward::proxy::http
