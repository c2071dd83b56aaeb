// The outcome of decide(): a permit, a denial, a preflight or metadata to answer, or what is needed to say. Only decide()
// makes permits, and what forwards takes one: forwarding without a decision does not compile.
#pragma once

#include "policies/answer.hpp"
#include "policies/identity.hpp"
#include "policies/need.hpp"
#include "policies/presented_tokens.hpp"
#include "policies/reason.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/resource_metadata.hpp"
#include "policies/rules/route.hpp"
#include "policies/rules/step_up.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bearward::policies {

class decider; // decider.hpp: the only maker of permits

/// A denial that the mode of its route only notes.
struct observed_denial {
    reason why = reason::ok;
    rules::enforcement mode = rules::enforcement::observe;
    std::string cause;                   ///< as denial::cause
    std::shared_ptr<const identity> who; ///< whose credential it was, as far as that is known
};

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
    /// Whether Sec-WebSocket-Protocol is forwarded as it came: nobody looked for a token in it.
    [[nodiscard]] bool leaves_subprotocols() const noexcept {
        return (route_->auth == rules::authentication::none || as_it_came_) && !credentials_.in_subprotocol;
    }
    /// Why it would have been denied but for the route's mode; else ok.
    [[nodiscard]] reason observed() const noexcept { return observed_ ? observed_->why : reason::ok; }
    /// The denial that is only noted; null: none.
    [[nodiscard]] const observed_denial* observation() const noexcept { return observed_.get(); }
    /// Whether it is a preflight that goes to the upstream: without a body, and without
    /// anything that nobody has judged (requests::is_preflight_header).
    [[nodiscard]] bool preflight() const noexcept { return preflight_; }
    /// The query to forward, without `?`.
    [[nodiscard]] std::string_view query() const noexcept { return query_; }
    /// The name of the header to remove because it carried the token; empty: none.
    [[nodiscard]] std::string_view token_header() const noexcept { return token_header_; }
    /// What is left of the route's rate limit.
    [[nodiscard]] const rules::rate_report& rate() const noexcept { return rate_; }
    /// Whether any cookie is to be removed because tokens travel in it, whether it was looked at or not.
    [[nodiscard]] bool drops_cookies() const noexcept { return drops_cookies_ || !other_cookies_.empty(); }
    /// Whether the cookies of this name are.
    [[nodiscard]] bool drops_cookie(std::string_view name) const noexcept;
    /// When the credential ends (exp + clock_skew); nothing: never.
    [[nodiscard]] std::optional<time_point> expires() const noexcept { return expires_; }
    /// When an open WebSocket has to end because of it (close_on_expiry); nothing: never.
    [[nodiscard]] std::optional<time_point> closes() const noexcept { return closes_; }
    /// Whose revocation ends what it lets through.
    [[nodiscard]] const presented_tokens& tokens() const noexcept { return tokens_; }

private:
    friend class decider;
    permit() = default;

    /// Ends the process where it would let through what its route does not.
    void check() const noexcept;
    /// Takes what the permit of another route that the request reaches means for it: that
    /// one's credential goes too, where this one's route did not look itself (`looked_at`),
    /// and a socket ends with its token. `rest_of_query` keeps the query that is left.
    void take_over(const permit& other, const requests::token_places& looked_at, std::string& rest_of_query);

    reason why_ = reason::public_route;
    bool as_it_came_ = false; ///< what may be a credential is left in
    bool preflight_ = false;
    std::shared_ptr<const observed_denial> observed_;
    const rules::route* route_ = nullptr;
    std::shared_ptr<const identity> who_;
    requests::found_credentials credentials_;
    std::string_view query_;
    std::string_view token_header_;
    rules::rate_report rate_;
    bool drops_cookies_ = false;                  ///< those of its own route
    std::vector<std::string_view> other_cookies_; ///< those of other routes that the request reaches
    std::optional<time_point> expires_;
    std::optional<time_point> closes_;
    presented_tokens tokens_;
};

/// A refusal, with what its answer needs.
struct denial {
    reason why = reason::no_route;
    std::string cause;                        ///< for people: what exactly; never a token or secret; empty: `why` says all
    const rules::route* route = nullptr;      ///< null: none matched
    std::shared_ptr<const identity> who;      ///< known when a requirement refused
    std::vector<std::string> allow;           ///< for method_not_allowed
    std::string scope;                        ///< missing scopes for WWW-Authenticate
    rules::step_up step_up;                   ///< of step_up_required, likewise
    requests::subprotocol_offer subprotocols; ///< of a refused handshake, for the echo
    rules::rate_report rate;                  ///< of the route's limit
    std::chrono::seconds retry_after{};       ///< when to try again; 0: not said
    bool bad_proof = false;                   ///< the credential's DPoP proof was refused
};

/// What the challenge of a denial asks for; views into it.
[[nodiscard]] inline challenge_needs needs_of(const denial& refused) noexcept {
    return {.scope = refused.scope, .acr_values = refused.step_up.acr_values, .max_age = refused.step_up.max_age};
}

/// A preflight that Bearward answers by the rules of its route, without a credential.
struct preflight {
    const rules::route* route = nullptr; ///< never null; its cors has rules
    rules::rate_report rate{};           ///< of its limit
};

/// A request for the metadata of a resource: it is answered before any route, whoever asks.
struct metadata_request {
    const resource_metadata* wanted = nullptr; ///< never null; of the snapshot
};

using decision = std::variant<permit, denial, need, preflight, metadata_request>;

} // namespace bearward::policies
