// THE entry point: one function from a request, a snapshot and what the outside says
// to a permit, a denial or a need. With the same answers from outside it decides the same.
#pragma once

#include "policies/decision.hpp"
#include "policies/outside.hpp"
#include "policies/proof_once.hpp"
#include "policies/requests/request_view.hpp"
#include "policies/snapshot.hpp"

#include <string>

namespace bearward::policies {

class explanation;

/// The steps of a decision (policies/BEHAVIOUR.md 2 to 11): route, handshake rules, credential, verification,
/// requirement. The permit's views point into `request`, `rules` and `scratch`,
/// which must outlive it; a need's provider is one of `rules`. `observer`, if given,
/// sees each step; it has no say. `proof` lasts for all asks of the request; null: this is
/// the only one. Use inquiry for a request's asks.
[[nodiscard]] decision decide(const requests::request_view& request, const snapshot& rules, outside& around, on_need lacking,
                              requests::credential_scratch& scratch, explanation* observer = nullptr, proof_once* proof = nullptr);

/// Likewise for a request that goes nowhere, by a route that is not among the rules': only who asks is judged. `on`
/// outlives the outcome.
[[nodiscard]] decision decide_on(const rules::route& on, const requests::request_view& request, const snapshot& rules, outside& around,
                                 on_need lacking, requests::credential_scratch& scratch, proof_once& proof);

/// The value of an identity header, encoded (policies/BEHAVIOUR.md 9.8): bytes outside
/// 0x21-0x7E and `%` percent-encoded, in lists the separator too. Empty: the
/// header is not set.
[[nodiscard]] std::string identity_header_value(const identity_header& header, const identity& who);

/// Likewise, of one whose source is the client's certificate, whoever asks.
[[nodiscard]] std::string certificate_header_value(const identity_header& header, const requests::client_certificate& shown);

} // namespace bearward::policies
