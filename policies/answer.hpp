// What the client gets for each reason: contract 3, "Answers".
#pragma once

#include "policies/reason.hpp"

#include <cstdint>
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
    std::uint16_t close_code = 1008;      ///< for reject_with: close, where the route names none; 0: stays HTTP
};

/// The usual answer of a reason. Denials for `websocket: off` stay HTTP: such a
/// route has no reject_with.
[[nodiscard]] answer answer_for(reason why) noexcept;

/// The value of WWW-Authenticate: `Bearer realm="..."` and what the answer adds.
[[nodiscard]] std::string make_challenge(const answer& what, std::string_view realm, std::string_view scope);

} // namespace bearward::policies
