// What the client gets in place of the app's answer; reason_table has it for each reason.
#pragma once

#include "policies/close_code.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies {

/// A local answer. `status` is the usual one of the reason; bad_request and
/// limit_exceeded have several, chosen by the caller.
struct answer {
    unsigned status = 0;
    std::string_view detail{};            ///< the body's text; empty: the status's phrase
    bool challenge = false;               ///< a WWW-Authenticate header is sent
    std::string_view error{};             ///< RFC 6750 section 3.1; empty: none
    std::string_view error_description{}; ///< empty: none
    /// For reject_with: close, where the route names none.
    std::uint16_t close_code = close_code::policy_violation;
};

/// What a challenge asks of the client besides a token.
struct challenge_needs {
    std::string_view scope{};                      ///< missing scopes (RFC 6750 section 3); empty: none
    std::string_view acr_values{};                 ///< RFC 9470 section 3; empty: none
    std::optional<std::chrono::seconds> max_age{}; ///< of the login, likewise
};

/// The value of WWW-Authenticate: `Bearer realm="..."` and what the answer adds.
[[nodiscard]] std::string make_challenge(const answer& what, std::string_view realm, const challenge_needs& needs);

} // namespace bearward::policies
