#include "policies/provider_choice.hpp"

#include <algorithm>
#include <optional>

namespace bearward::policies {
namespace {

/// Whether the provider's tokens travel where this one was found.
bool accepts_place(const provider& candidate, const rules::route& route, const requests::found_credentials& found) noexcept {
    if (found.in_header) {
        return requests::equal_names(candidate.names.header, route.credential_names[found.names].header);
    }
    if (found.in_query) {
        return candidate.names.query_parameter == route.credential_names[found.names].query_parameter;
    }
    return true;
}

} // namespace

std::expected<const provider*, reason> choose_provider(const snapshot& rules, const rules::route& route,
                                                       const requests::found_credentials& found) {
    if (route.providers.size() == 1) {
        return &rules.providers[route.providers.front()];
    }
    const std::optional<std::string> issuer = tokens::peek_issuer(found.token);
    const provider* first = nullptr; // of those that accept the place
    const provider* without_issuer = nullptr;
    std::size_t candidates = 0;
    const provider* issued = nullptr;
    tokens::issuer_fit fit_of_issued = tokens::issuer_fit::none;
    tokens::issuer_fit best_fit = tokens::issuer_fit::none;
    for (const std::uint32_t index : route.providers) {
        const provider& candidate = rules.providers[index];
        const tokens::issuer_fit fit = issuer ? tokens::fit_issuer(candidate.rules, *issuer) : tokens::issuer_fit::none;
        best_fit = std::max(best_fit, fit);
        if (!accepts_place(candidate, route, found)) {
            continue;
        }
        if (fit > fit_of_issued) {
            issued = &candidate;
            fit_of_issued = fit;
        }
        first = first == nullptr ? &candidate : first;
        without_issuer = without_issuer == nullptr && candidate.rules.issuers.empty() ? &candidate : without_issuer;
        ++candidates;
    }
    // A literal issuer goes before a template, also where its own token came from a wrong place.
    if (issued != nullptr && fit_of_issued == best_fit) {
        return issued;
    }
    if (candidates == 0) {
        return std::unexpected(reason::token_malformed);
    }
    if (best_fit != tokens::issuer_fit::none) {
        return std::unexpected(reason::issuer_mismatch);
    }
    if (without_issuer != nullptr) {
        return without_issuer;
    }
    // Without a readable `iss`, or with one provider only, that one says precisely why it refuses.
    return candidates > 1 && issuer ? std::expected<const provider*, reason>(std::unexpected(reason::issuer_mismatch)) : first;
}

} // namespace bearward::policies
