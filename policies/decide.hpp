// THE entry point: one function from a request, a snapshot and what the outside says
// to a permit, a denial or a need. With the same answers from outside it decides the same.
#pragma once

#include "policies/decision.hpp"
#include "policies/outside.hpp"
#include "policies/requests/request_view.hpp"
#include "policies/snapshot.hpp"

#include <string>

namespace bearward::policies {

class explanation;

/// The steps of a decision (policies/BEHAVIOUR.md 2 to 11): route, handshake rules, credential, verification,
/// requirement. The permit's views point into `request`, `rules` and `scratch`,
/// which must outlive it; a need's provider is one of `rules`. `observer`, if given,
/// sees each step; it has no say. Use inquiry for a request's asks.
[[nodiscard]] decision decide(const requests::request_view& request, const snapshot& rules, outside& around, on_need lacking,
                              requests::credential_scratch& scratch, explanation* observer = nullptr);

/// The value of an identity header, encoded (policies/BEHAVIOUR.md 9.8): bytes outside
/// 0x21-0x7E and `%` percent-encoded, in lists the separator too. Empty: the
/// header is not set.
[[nodiscard]] std::string identity_header_value(const identity_header& header, const identity& who);

} // namespace bearward::policies
