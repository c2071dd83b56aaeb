// One decision step by step: the route half (decide.cpp) and the credential half
// (decide_credential.cpp). The only maker of permits. Internal to decide().
#pragma once

#include "policies/decision.hpp"
#include "policies/outside.hpp"
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
            requests::credential_scratch& scratch, explanation* observer)
        : request_(request), rules_(rules), outside_(around), on_need_(lacking), scratch_(scratch), observer_(observer) {}

    [[nodiscard]] decision run();

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
    [[nodiscard]] const requests::token_places& places_of(const rules::route& route) const noexcept;
    /// Steps 3 to 7 for the route that was found.
    [[nodiscard]] decision judge_route();
    [[nodiscard]] denial deny(reason why, std::string cause = {}) const;
    /// `auth: none`: credentials are not looked at and pass untouched.
    [[nodiscard]] permit permit_public() const;
    /// Whatever may be a credential passes, and there is no identity.
    [[nodiscard]] permit permit_untouched(reason why) const;
    [[nodiscard]] decision decide_credential();
    [[nodiscard]] decision decide_anonymous();
    [[nodiscard]] decision decide_token();
    /// The token is refused, or something is needed to say.
    [[nodiscard]] decision decide_unverified(unverified why);
    /// A refusal of the credential: a denial, or with `mode: observe_all` leave to forward
    /// the request without an identity and with all that may be a credential left in.
    [[nodiscard]] decision refuse(reason why, std::string cause = {});
    [[nodiscard]] std::shared_ptr<const observed_denial> observe(reason why, std::string cause) const;
    /// Whether the requirement is met. Of several tenants the one that it asks for
    /// becomes the identity's; without such a one they are as none.
    [[nodiscard]] reason check_requirement();
    [[nodiscard]] permit make_permit(reason why);

    const requests::request_view& request_;
    const snapshot& rules_;
    outside& outside_;
    on_need on_need_;
    requests::credential_scratch& scratch_;
    explanation* observer_;
    const rules::route* route_ = nullptr;
    std::vector<rules::capture> captures_;
    requests::found_credentials found_;
    std::shared_ptr<const identity> who_;
    std::string unmet_; ///< which entry of the requirement, for a cause
};

} // namespace bearward::policies
