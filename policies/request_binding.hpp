// Whether a request proves what its token is bound to: by the client's certificate (RFC 8705
// section 3) and by a DPoP proof (RFC 9449 section 7). Internal to decide().
#pragma once

#include "policies/outside.hpp"
#include "policies/proof_once.hpp"
#include "policies/requests/credentials.hpp"
#include "policies/requests/request_view.hpp"
#include "policies/tokens/binding_check.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies {

class request_binding final : public tokens::binding_check {
public:
    /// `once`: of the request, however often it is judged.
    request_binding(const requests::request_view& request, const requests::found_credentials& found, const snapshot& rules, outside& around,
                    proof_once& once) noexcept
        : request_(request), found_(found), rules_(rules), outside_(around), once_(once) {}

    /// Whether there is something to judge: most tokens are bound to nothing, and need not be.
    [[nodiscard]] static bool concerns(const tokens::verification_rules& rules, const tokens::verified_token& token,
                                       const requests::found_credentials& found) noexcept {
        return token.bound_to.present || found.dpop_scheme || rules.dpop == tokens::dpop_mode::required;
    }

    [[nodiscard]] std::optional<refusal> judge(const tokens::verification_rules& rules, const tokens::verified_token& token) override;
    /// Whether the proof itself was refused (RFC 9449 section 7.1: invalid_dpop_proof).
    [[nodiscard]] bool bad_proof() const noexcept { return bad_proof_; }
    /// Of the last refusal.
    [[nodiscard]] const std::string& cause() const noexcept { return cause_; }

private:
    using fault = std::optional<std::string>;

    [[nodiscard]] fault check_form(const tokens::verification_rules& rules, const tokens::confirmation& bound_to) const;
    [[nodiscard]] fault check_certificate(std::string_view wanted) const;
    /// The request's one proof, used up where it holds.
    [[nodiscard]] fault check_proof(const tokens::verification_rules& rules, std::string_view key);

    const requests::request_view& request_;
    const requests::found_credentials& found_;
    const snapshot& rules_;
    outside& outside_;
    proof_once& once_;
    bool bad_proof_ = false;
    std::string cause_;
};

} // namespace bearward::policies
