#include "policies/challenges.hpp"

#include "policies/tokens/dpop_proof.hpp"

namespace bearward::policies {
namespace {

constexpr unsigned unauthorized = 401;
constexpr unsigned forbidden = 403;

/// Whether another token could help: a first one, or one with more scopes.
bool leads_to_metadata(const answer& what, const challenge_needs& needs) noexcept {
    return what.status == unauthorized || (what.status == forbidden && !needs.scope.empty());
}

/// As `Bearer realm="..."` and the rest, with the scheme DPoP and the algorithms after the realm.
std::string make_dpop_challenge(answer what, const challenge_facts& facts) {
    constexpr std::string_view bearer = "Bearer";
    if (facts.bad_proof) {
        what.error = "invalid_dpop_proof";
        what.error_description = {};
    }
    const std::string realm_alone = make_challenge({}, facts.realm, {});
    const std::string whole =
        facts.bad_proof || facts.dpop == tokens::dpop_mode::required ? make_challenge(what, facts.realm, facts.needs) : realm_alone;
    return "DPoP" + realm_alone.substr(bearer.size()) + ", algs=\"" + tokens::proof_algorithm_words() + '"' +
           whole.substr(realm_alone.size());
}

} // namespace

std::vector<std::string> make_challenges(const answer& what, const challenge_facts& facts) {
    std::vector<std::string> made;
    if (!what.challenge) {
        return made;
    }
    const bool dpop = what.status == unauthorized && facts.dpop != tokens::dpop_mode::off;
    if (!dpop || facts.dpop != tokens::dpop_mode::required) {
        made.push_back(make_challenge(what, facts.realm, facts.needs));
    }
    if (dpop) {
        made.push_back(make_dpop_challenge(what, facts));
    }
    if (!facts.resource_metadata.empty() && leads_to_metadata(what, facts.needs)) {
        for (std::string& each : made) {
            each.append(", resource_metadata=\"").append(facts.resource_metadata).append("\""); // a URL has no quotes
        }
    }
    return made;
}

} // namespace bearward::policies
