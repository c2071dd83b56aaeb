// Issuer templates let anybody in who can be an issuer of that form, unless
// something says which values the names may have.
#include "config/compile.hpp"
#include "config/encoding.hpp"

#include <algorithm>

namespace bearward::config {
namespace {

/// Whether the client chooses the value that it is compared with.
bool is_of_client(const policies::rules::operand& value) {
    using source = policies::rules::operand::part::source;
    return std::ranges::any_of(
        value.parts, [](const policies::rules::operand::part& each) { return each.from == source::header || each.from == source::query; });
}

/// Whether the claim has to be one of some values.
bool bounds_claim(const claim_settings& entry, const std::string& name) {
    return names_values(entry) && entry.path.is_claim(name);
}

bool bounds(const settings& from, const requirement_settings& require, const provider_settings& provider, const std::string& name);

bool all_bound(const settings& from, const std::vector<requirement_settings>& branches, const provider_settings& provider,
               const std::string& name) {
    return !branches.empty() &&
           std::ranges::all_of(branches, [&](const requirement_settings& each) { return bounds(from, each, provider, name); });
}

/// Whether the requirement holds for some values of the claim only.
bool bounds(const settings& from, const requirement_settings& require, const provider_settings& provider, const std::string& name) {
    const bool by_claim = std::ranges::any_of(require.claims, [&](const claim_settings& each) { return bounds_claim(each, name); });
    const auto& tenants = provider.claims.tenant.sources;
    const bool by_tenant =
        require.tenant.value && !is_of_client(*require.tenant.value) && tenants.size() == 1 && tenants.front().path.is_claim(name);
    const bool in_all =
        std::ranges::any_of(require.all, [&](const requirement_settings& each) { return bounds(from, each, provider, name); });
    const bool by_policy = std::ranges::any_of(require.policies, [&](const located_text& named) {
        const auto found = std::ranges::find(from.policies, named.value, &policy_settings::name);
        return found != from.policies.end() && bounds(from, found->require, provider, name);
    });
    return by_claim || by_tenant || in_all || by_policy || all_bound(from, require.any, provider, name);
}

bool is_bound(const settings& from, const provider_settings& provider, const std::string& name) {
    const bool required =
        std::ranges::any_of(provider.required_claims, [&](const claim_settings& each) { return bounds_claim(each, name); });
    if (required) {
        return true;
    }
    return std::ranges::all_of(from.routes, [&](const route_settings& route) {
        const bool serves = route.auth.value != policies::rules::authentication::none &&
                            std::ranges::any_of(route.providers, [&](const located_text& each) { return each.value == provider.name; });
        const bool enforces = route.mode.value == policies::rules::enforcement::enforce;
        return !serves || (enforces && bounds(from, route.require.value, provider, name));
    });
}

} // namespace

bool names_values(const claim_settings& entry) {
    const bool any = entry.pattern && entry.pattern->find_first_not_of('*') == std::string::npos;
    return !entry.present_only && !any && std::ranges::none_of(entry.operands, is_of_client);
}

void check_issuers(reading& state, const settings& from) {
    for (const provider_settings& provider : from.providers) {
        for (const policies::tokens::issuer_pattern& issuer : provider.issuers) {
            for (const std::string& name : issuer.names()) {
                if (!is_bound(from, provider, name)) {
                    state.warning(provider.at, warning_code::any_issuer,
                                  "its issuer " + quote(issuer.text()) + " accepts every value of " + quote(name) +
                                      ": neither required_claims nor a requirement that every route enforces says which ones");
                }
            }
        }
    }
}

} // namespace bearward::config
