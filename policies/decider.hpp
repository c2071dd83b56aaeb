// One decision step by step: the route half (decide.cpp) and the credential half
// (decide_credential.cpp). The only maker of permits. Internal to decide().
#pragma once

#include "policies/decision.hpp"
#include "policies/outside.hpp"
#include "policies/proof_once.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/requests/request_view.hpp"
#include "policies/snapshot.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bearward::policies {

class decider {
public:
    decider(const requests::request_view& request, const snapshot& rules, outside& around, on_need lacking,
            requests::credential_scratch& scratch, proof_once& proof, explanation* observer)
        : request_(request), rules_(rules), outside_(around), on_need_(lacking), scratch_(scratch), proof_(proof), observer_(observer) {}

    [[nodiscard]] decision run();
    /// By this route, whatever the request's path is.
    [[nodiscard]] decision run_on(const rules::route& on);
    /// For a preflight, as a request with the method that it asks about: its outcome, or nothing
    /// where its route treats it as any other request.
    [[nodiscard]] std::optional<decision> run_preflight();

private:
    /// The request's route and captures, or why it has none.
    [[nodiscard]] std::optional<denial> find_route();
    /// Whether an app may take the request for one of another route as well.
    [[nodiscard]] bool may_reach_others() const noexcept;
    /// Whether the path has a form that servers read differently, and the route (null:
    /// none) doesn't take such paths.
    [[nodiscard]] bool refuses_ambiguous(const rules::route* route) const noexcept;
    /// What an app may take the request for if it ignores case or a final slash must be
    /// permitted too, each by its own route: the first denial or need of one of them is
    /// the outcome. What those routes took as a credential is removed from what `leave` forwards.
    [[nodiscard]] std::optional<decision> judge_guarded(permit& leave);
    /// What the route does with preflights: those that another proxy asks about are its app's.
    [[nodiscard]] requests::cors_use cors_use() const noexcept;
    /// The route's limit, which it has, counts from now on; one by address takes the request at once.
    [[nodiscard]] std::optional<denial> begin_rate();
    /// Takes the request from the route's limit. Nothing: there was one left.
    [[nodiscard]] std::optional<denial> limit_rate(const identity* who);
    [[nodiscard]] const requests::token_places& places_of(const rules::route& route) const noexcept;
    /// The outcome of the route that was found, and of those that the guards add.
    [[nodiscard]] decision judge_all();
    /// Steps 3 to 7 for the route that was found.
    [[nodiscard]] decision judge_route();
    /// Likewise for a route that the path may reach too, whose own limit counts as well.
    [[nodiscard]] decision judge_limited();
    [[nodiscard]] denial deny(reason why, std::string cause = {}) const;
    /// `auth: none`: credentials are not looked at and pass untouched.
    [[nodiscard]] permit permit_public() const;
    /// A preflight passes without what may be a credential.
    [[nodiscard]] permit permit_preflight() const;
    /// Whatever may be a credential passes, and there is no identity.
    [[nodiscard]] permit permit_untouched(reason why) const;
    [[nodiscard]] decision decide_credential();
    [[nodiscard]] decision decide_anonymous();
    [[nodiscard]] decision decide_token();
    /// No other credential was found: by the client's certificate, or nothing where no provider
    /// of the route knows it.
    [[nodiscard]] std::optional<decision> decide_certificate();
    /// The credential is genuine: what is left are its dates and claims, and the requirement.
    [[nodiscard]] decision decide_verified(const provider& by, tokens::verified_token_ptr verified);
    /// What refuses a credential that is genuine, before any requirement: its dates, its claims and the like.
    [[nodiscard]] std::optional<refusal> judge_verified(const provider& by, const tokens::verified_token& token, time_point now);
    /// The token is refused, or something is needed to say.
    [[nodiscard]] decision decide_unverified(unverified why);
    /// A refusal of the credential: a denial, or with `mode: observe_all` leave to forward
    /// the request without an identity and with all that may be a credential left in.
    [[nodiscard]] decision refuse(reason why, std::string cause = {});
    [[nodiscard]] std::shared_ptr<const observed_denial> observe(reason why, std::string cause) const;
    /// Whether the requirement is met. Of several tenants the one that it asks for
    /// becomes the identity's; without such a one they are as none.
    [[nodiscard]] reason check_requirement(const provider& by);
    [[nodiscard]] permit make_permit(reason why);

    const requests::request_view& request_;
    const snapshot& rules_;
    outside& outside_;
    on_need on_need_;
    requests::credential_scratch& scratch_;
    proof_once& proof_;
    explanation* observer_;
    const rules::route* route_ = nullptr;
    bool preflight_ = false;
    std::vector<rules::capture> captures_;
    requests::found_credentials found_;
    std::shared_ptr<const identity> who_;
    rules::rate_report rate_;
    bool bad_proof_ = false; ///< the token is refused for its DPoP proof
    std::string unmet_;      ///< which entry of the requirement, for a cause
};

} // namespace bearward::policies
