#include "policies/provider_choice.hpp"

#include "policies/requests/token_forms.hpp"

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
    if (found.in_cookie) {
        return candidate.names.cookie == route.credential_names[found.names].cookie;
    }
    return true;
}

/// The one whose header it was in: on a route no two have the same.
std::expected<const provider*, reason> choose_for_api_key(const snapshot& rules, const rules::route& route,
                                                          const requests::found_credentials& found) {
    for (const std::uint32_t index : route.providers) {
        const provider& candidate = rules.providers[index];
        if (candidate.names.api_key && accepts_place(candidate, route, found)) {
            return &candidate;
        }
    }
    return std::unexpected(reason::token_malformed);
}

bool asks_issuer(const provider& of) noexcept {
    return std::holds_alternative<introspection_provider>(of.how);
}

/// The candidates for a bearer token, and the best of each kind.
struct candidates {
    const provider* first = nullptr;          ///< that verifies by keys
    const provider* without_issuer = nullptr; ///< likewise
    const provider* issued = nullptr;         ///< whose issuer the token names
    const provider* asking = nullptr;         ///< that asks the issuer
    tokens::issuer_fit fit_of_issued = tokens::issuer_fit::none;
    tokens::issuer_fit best_fit = tokens::issuer_fit::none; ///< of those that don't take tokens from there, too
    std::size_t count = 0;                                  ///< of those that verify by keys

    void add(const provider& candidate, tokens::issuer_fit fit, bool takes_place) noexcept {
        best_fit = std::max(best_fit, fit);
        if (!takes_place) {
            return;
        }
        // Of two with the same issuer the one with keys goes first.
        if (fit > fit_of_issued || (fit == fit_of_issued && issued != nullptr && asks_issuer(*issued) && !asks_issuer(candidate) &&
                                    fit != tokens::issuer_fit::none)) {
            issued = &candidate;
            fit_of_issued = fit;
        }
        if (asks_issuer(candidate)) {
            asking = &candidate;
            return;
        }
        first = first == nullptr ? &candidate : first;
        without_issuer = without_issuer == nullptr && candidate.rules.issuers.empty() ? &candidate : without_issuer;
        ++count;
    }
};

candidates find_candidates(const snapshot& rules, const rules::route& route, const requests::found_credentials& found,
                           const std::optional<std::string>& issuer) {
    candidates all;
    for (const std::uint32_t index : route.providers) {
        const provider& candidate = rules.providers[index];
        if (!candidate.names.api_key && !takes_certificates(candidate)) {
            const tokens::issuer_fit fit = issuer ? tokens::fit_issuer(candidate.rules, *issuer) : tokens::issuer_fit::none;
            all.add(candidate, fit, accepts_place(candidate, route, found));
        }
    }
    return all;
}

/// A token that is no JWS, on a route where somebody asks the issuer: only that one can say anything of it.
bool is_for_asking(const candidates& all, std::string_view token) {
    return all.asking != nullptr && !requests::is_jws(token);
}

} // namespace

std::expected<const provider*, reason> choose_provider(const snapshot& rules, const rules::route& route,
                                                       const requests::found_credentials& found) {
    const bool api_key = found.in_header && route.credential_names[found.names].api_key;
    if (route.providers.size() == 1) {
        const provider& only = rules.providers[route.providers.front()];
        return only.names.api_key == api_key && !takes_certificates(only) ? std::expected<const provider*, reason>(&only)
                                                                          : std::unexpected(reason::token_malformed);
    }
    if (api_key) {
        return choose_for_api_key(rules, route, found);
    }
    const std::optional<std::string> issuer = tokens::peek_issuer(found.token);
    const candidates all = find_candidates(rules, route, found, issuer);
    if (is_for_asking(all, found.token)) {
        return all.asking;
    }
    // A literal issuer goes before a template, also where its own token came from a wrong place.
    if (all.issued != nullptr && all.fit_of_issued == all.best_fit) {
        return all.issued;
    }
    if (all.count == 0 && all.asking == nullptr) {
        return std::unexpected(reason::token_malformed);
    }
    if (all.best_fit != tokens::issuer_fit::none) {
        return std::unexpected(reason::issuer_mismatch);
    }
    if (all.without_issuer != nullptr) {
        return all.without_issuer;
    }
    if (all.asking != nullptr) {
        return all.asking; // no provider with keys is for it
    }
    // Without a readable `iss`, or with one provider only, that one says precisely why it refuses.
    return all.count > 1 && issuer ? std::expected<const provider*, reason>(std::unexpected(reason::issuer_mismatch)) : all.first;
}

} // namespace bearward::policies
