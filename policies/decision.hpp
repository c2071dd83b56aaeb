// The outcome of decide(): a permit or a denial. Only decide() makes permits, and
// what forwards takes one: forwarding without a decision does not compile.
#pragma once

#include "policies/identity.hpp"
#include "policies/reason.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/rules/route.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bearward::policies {

class decider; // decide.cpp's key to make permits

/// Leave to forward one request on one route.
class permit {
public:
    /// ok, anonymous or public_route.
    [[nodiscard]] reason why() const noexcept { return why_; }
    [[nodiscard]] const rules::route& route() const noexcept { return *route_; }
    /// Null for anonymous and public requests.
    [[nodiscard]] const identity* who() const noexcept { return who_.get(); }
    [[nodiscard]] std::shared_ptr<const identity> share_identity() const noexcept { return who_; }
    /// Where the credential was found and what is left without it. For public
    /// routes nothing is looked at: `present` is false.
    [[nodiscard]] const requests::found_credentials& credentials() const noexcept { return credentials_; }
    /// With `mode: observe`: why the requirement would have denied; else ok.
    [[nodiscard]] reason observed() const noexcept { return observed_; }
    /// The query to forward, without `?`.
    [[nodiscard]] std::string_view query() const noexcept { return query_; }
    /// The name of the header to remove because it carried the token; empty: none.
    [[nodiscard]] std::string_view token_header() const noexcept { return token_header_; }
    /// When an open WebSocket has to end (exp + clock_skew); nothing: never.
    [[nodiscard]] std::optional<time_point> expires() const noexcept { return expires_; }

private:
    friend class decider;
    permit() = default;

    reason why_ = reason::public_route;
    reason observed_ = reason::ok;
    const rules::route* route_ = nullptr;
    std::shared_ptr<const identity> who_;
    requests::found_credentials credentials_;
    std::string_view query_;
    std::string_view token_header_;
    std::optional<time_point> expires_;
};

/// A refusal, with what its answer needs.
struct denial {
    reason why = reason::no_route;
    const rules::route* route = nullptr;      ///< null: none matched
    std::shared_ptr<const identity> who;      ///< known when a requirement refused
    std::vector<std::string> allow;           ///< for method_not_allowed
    std::string scope;                        ///< missing scopes for WWW-Authenticate
    requests::subprotocol_offer subprotocols; ///< of a refused handshake, for the echo
};

using decision = std::variant<permit, denial>;

} // namespace bearward::policies
