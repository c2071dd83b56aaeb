#include "policies/tokens/issuer_names.hpp"

#include <algorithm>

namespace bearward::policies::tokens {

std::vector<std::string> find_issuer_names(const std::vector<issuer_pattern>& patterns, std::string_view issuer,
                                           const boost::json::object& claims) {
    if (std::ranges::none_of(patterns, &issuer_pattern::is_template)) {
        return {std::string()};
    }
    std::vector<std::string> names{std::string(issuer)};
    const auto fits = [&](const issuer_pattern& each) { return each.is_template() && each.matches(issuer, claims); };
    if (std::ranges::any_of(patterns, fits)) {
        for (const issuer_pattern& each : patterns) {
            auto name = each.is_template() ? each.fill(claims) : std::nullopt;
            if (name && std::ranges::find(names, *name) == names.end()) {
                names.push_back(*std::move(name));
            }
        }
    }
    return names;
}

} // namespace bearward::policies::tokens
