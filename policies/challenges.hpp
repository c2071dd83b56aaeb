// What a refusal of a credential asks for: WWW-Authenticate (RFC 9110 section 11.6.1, RFC 6750
// section 3, RFC 9449 section 7.1, RFC 9728 section 5.1).
#pragma once

#include "policies/answer.hpp"
#include "policies/tokens/dpop_mode.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies {

struct challenge_facts {
    std::string_view realm;
    challenge_needs needs{};                         ///< what it asks for besides a token
    tokens::dpop_mode dpop = tokens::dpop_mode::off; ///< the route's
    bool bad_proof = false;                          ///< a DPoP proof was refused
    std::string_view resource_metadata{};            ///< its URL; empty: none
};

/// The challenges of an answer that has any, each for a field of its own: Bearer; beside it
/// DPoP in a 401 where the route takes such tokens, and alone where it takes no others. Those of a
/// 401, and of a 403 that names scopes, end with where the metadata of the resource is (RFC 9728 section 5.1).
[[nodiscard]] std::vector<std::string> make_challenges(const answer& what, const challenge_facts& facts);

} // namespace bearward::policies
