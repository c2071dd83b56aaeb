// What logout tokens (OpenID Connect Back-Channel Logout 1.0) and security event tokens (RFC 8417)
// have in common, judged on claims whose signature holds.
#pragma once

#include "policies/clock.hpp"
#include "policies/refusal.hpp"
#include "policies/tokens/revocation_entry.hpp"
#include "policies/tokens/verification_rules.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {

struct event_claims {
    std::string issuer;
    std::string id; ///< `jti`
    time_point issued_at;
    const boost::json::object* events; ///< into the claims; not empty
};

/// What an issuer says counts no longer.
struct issuer_notice {
    std::string issuer;
    std::string id; ///< `jti`
    time_point issued_at;
    std::vector<revocation_entry> entries{}; ///< of the provider; empty: nothing that we would act on
    std::string about{};                     ///< what was said, for the log
};

/// A claim that must be there as text that isn't empty and can be revoked by; nothing: it is absent.
/// Error: claim_mismatch.
[[nodiscard]] std::expected<std::optional<std::string>, refusal> read_event_text(const boost::json::object& from, std::string_view name);

/// `iss` is one of the rules' (where they name none it is there), `aud` holds one of theirs, `exp` is
/// not over and `nbf` has come where they are there, `iat` is there and not in the future, `jti` is
/// there, `events` is an object of objects. Error: the first that doesn't hold.
[[nodiscard]] std::expected<event_claims, refusal> check_event_claims(const verification_rules& rules, const boost::json::object& claims,
                                                                      time_point now);

/// Whether `typ` is one of these, with case and `application/` ignored.
[[nodiscard]] bool is_type(std::string_view type, std::string_view wanted) noexcept;

} // namespace bearward::policies::tokens
