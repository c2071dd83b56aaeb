#include "policies/request_binding.hpp"

#include "policies/tokens/dpop_proof.hpp"

#include <algorithm>
#include <chrono>

namespace bearward::policies {
namespace {

/// Of all providers: a proof is remembered for as long as any of them would take it.
std::chrono::milliseconds longest_skew(const snapshot& rules) noexcept {
    std::chrono::milliseconds longest{};
    for (const provider& each : rules.providers) {
        longest = std::max(longest, each.rules.clock_skew);
    }
    return longest;
}

} // namespace

std::optional<refusal> request_binding::judge(const tokens::verification_rules& rules, const tokens::verified_token& token) {
    if (outside_.vouches_for(token)) {
        return std::nullopt;
    }
    const tokens::confirmation& bound_to = token.bound_to;
    fault wrong = check_form(rules, bound_to);
    if (!wrong && !bound_to.certificate.empty()) {
        wrong = check_certificate(bound_to.certificate);
    }
    if (!wrong && !bound_to.key.empty()) {
        wrong = check_proof(rules, bound_to.key);
        bad_proof_ = wrong.has_value();
    }
    if (!wrong) {
        return std::nullopt;
    }
    cause_ = *wrong;
    return refusal(reason::binding_unverified, std::move(*wrong));
}

request_binding::fault request_binding::check_form(const tokens::verification_rules& rules, const tokens::confirmation& bound_to) const {
    if (!bound_to.fault.empty()) {
        return bound_to.fault;
    }
    if (bound_to.key.empty() && found_.dpop_scheme) {
        return "the scheme is DPoP, and the token has no cnf.jkt";
    }
    if (bound_to.key.empty() && rules.dpop == tokens::dpop_mode::required) {
        return "the provider has dpop: required, and the token has no cnf.jkt";
    }
    if (!bound_to.key.empty() && rules.dpop == tokens::dpop_mode::off) {
        return "the token has cnf.jkt, and the provider has dpop: off";
    }
    if (!bound_to.key.empty() && !found_.dpop_scheme) {
        return "the token has cnf.jkt, and did not come as Authorization: DPoP";
    }
    return std::nullopt;
}

request_binding::fault request_binding::check_certificate(std::string_view wanted) const {
    const std::string_view shown = request_.certificate == nullptr ? std::string_view{} : request_.certificate->sha256();
    if (shown.empty()) {
        return "the token has cnf.x5t#S256, and the connection no verified client certificate";
    }
    return shown == wanted ? std::nullopt : fault("the token has cnf.x5t#S256 of another certificate than the client's");
}

request_binding::fault request_binding::check_proof(const tokens::verification_rules& rules, std::string_view key) {
    const requests::header* proof = nullptr;
    for (const requests::header& field : request_.headers) {
        if (requests::equal_names(field.name, "DPoP")) {
            if (proof != nullptr) {
                return "there is more than one DPoP header";
            }
            proof = &field;
        }
    }
    if (proof == nullptr) {
        return "there is no DPoP header";
    }
    const auto held = tokens::check_dpop_proof(proof->value, {.key = key,
                                                              .token = found_.token,
                                                              .method = request_.method,
                                                              .target = requests::target_of(request_),
                                                              .now = outside_.now(),
                                                              .clock_skew = rules.clock_skew,
                                                              .longest = rules.max_token});
    if (!held) {
        return "the DPoP proof: " + held.error();
    }
    if (!once_.came_to) {
        once_.came_to = outside_.use_proof(key, held->id, held->issued_at + tokens::proof_lifetime + longest_skew(rules_));
    }
    switch (*once_.came_to) {
    case tokens::proof_use::first:
        return std::nullopt;
    case tokens::proof_use::repeated:
        return "the DPoP proof: its jti was used before";
    case tokens::proof_use::no_room:
        break;
    }
    return "the DPoP proof: too many are remembered to tell whether its jti was used before";
}

} // namespace bearward::policies
