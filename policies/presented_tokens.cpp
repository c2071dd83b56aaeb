#include "policies/presented_tokens.hpp"

#include "policies/outside.hpp"
#include "policies/snapshot.hpp"

#include <algorithm>
#include <string_view>

namespace bearward::policies {
namespace {

std::optional<refusal> find_revocation_of(const tokens::verified_token& token, const snapshot& rules, const outside& around) {
    const auto by = std::ranges::find_if(rules.providers, [&](const provider& each) { return each.rules.provider == token.who.provider; });
    if (by == rules.providers.end() || std::holds_alternative<api_key_provider>(by->how)) {
        return std::nullopt;
    }
    auto found = around.find_revocation(*by, token);
    return found && found->why == reason::token_revoked ? std::move(found) : std::nullopt;
}

} // namespace

std::optional<refusal> find_revocation(const presented_tokens& of, const snapshot& rules, const outside& around) {
    auto found = of.token == nullptr ? std::nullopt : find_revocation_of(*of.token, rules, around);
    for (auto each = of.others.begin(); !found && each != of.others.end(); ++each) {
        found = find_revocation_of(**each, rules, around);
    }
    return found;
}

} // namespace bearward::policies
