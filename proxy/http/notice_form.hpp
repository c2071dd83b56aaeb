// The requests by which issuers tell of revocations: where in one the token is. Pure.
#pragma once

#include "policies/snapshot.hpp"
#include "proxy/http/head.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy::http {

/// Whether the body is of the one media type that this receiver takes, as it stands; else a sentence.
[[nodiscard]] std::optional<std::string> find_media_fault(policies::revocation_receiver::kind takes, const request_head& head);

/// Whether Authorization comes once and is the one of this digest; without one anybody may send.
[[nodiscard]] bool is_authorized(const std::optional<policies::jose::sha256_digest>& wanted, const request_head& head);

/// The token in a body: the one `logout_token` of a form, maybe in `memory`, or all of it. Nothing: there is not exactly one.
[[nodiscard]] std::optional<std::string_view> find_notice(policies::revocation_receiver::kind takes, std::string_view body,
                                                          std::string& memory);

} // namespace bearward::proxy::http
