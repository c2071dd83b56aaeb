// A request that was permitted, judged again by other rules: what is open on its strength may have to
// end (policies/BEHAVIOUR.md 26).
#pragma once

#include "policies/decide.hpp"
#include "policies/presented_tokens.hpp"

#include <cstdint>
#include <optional>

namespace bearward::policies {

/// How its token is found to be genuine.
enum class rejudged_by : std::uint8_t {
    its_own,      ///< the one that the request has is verified
    known_tokens, ///< those that are known count in its place
};

/// Why it would be denied now for what it may do; nothing: it would not, or it can't be said. Dates and the
/// proof that a token is its sender's were judged when it came, and end it otherwise. Takes nothing from a limit.
[[nodiscard]] std::optional<denial> find_denial(const requests::request_view& request, const snapshot& rules, outside& around,
                                                const presented_tokens& known, rejudged_by how = rejudged_by::its_own);

/// Whether it would be permitted with another token, which is known to be genuine and its sender's, in place of
/// the one that it came with: a permit, or why not. As decide() else.
[[nodiscard]] decision decide_with(const requests::request_view& request, const snapshot& rules, outside& around,
                                   tokens::verified_token_ptr fresh, requests::credential_scratch& scratch);

} // namespace bearward::policies
