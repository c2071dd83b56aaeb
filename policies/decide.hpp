// THE entry point: one pure function from a request, a snapshot and the time to
// a permit or a denial.
#pragma once

#include "policies/clock.hpp"
#include "policies/decision.hpp"
#include "policies/requests/request_view.hpp"
#include "policies/snapshot.hpp"

#include <expected>

namespace bearward::policies {

class explanation;

/// Where decide() gets verified tokens from. The default verifies every time; a
/// worker's token cache remembers.
class token_source {
public:
    virtual ~token_source() = default;
    [[nodiscard]] virtual std::expected<tokens::verified_token_ptr, refusal> verify(const provider& by, std::string_view token) = 0;
};

/// Verifies every token anew. An observer sees each check of the verification.
class direct_token_source final : public token_source {
public:
    explicit direct_token_source(explanation* observer = nullptr) noexcept : observer_(observer) {}
    [[nodiscard]] std::expected<tokens::verified_token_ptr, refusal> verify(const provider& by, std::string_view token) override;

private:
    explanation* observer_;
};

/// Steps 3 to 7 of contract 3: route, handshake rules, credential, verification,
/// requirement. The permit's views point into `request`, `rules` and `scratch`,
/// which must outlive it. `observer`, if given, sees each step; it has no say.
[[nodiscard]] decision decide(const requests::request_view& request, const snapshot& rules, token_source& tokens, time_point now,
                              requests::credential_scratch& scratch, explanation* observer = nullptr);

/// The value of an identity header, encoded as contract 3 says: bytes outside
/// 0x21-0x7E and `%` percent-encoded, in lists the separator too. Empty: the
/// header is not set.
[[nodiscard]] std::string identity_header_value(const identity_header& header, const identity& who);

} // namespace bearward::policies
