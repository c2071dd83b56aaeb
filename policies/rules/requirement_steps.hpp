// How the entries of a requirement are reported to an observer. Nothing here decides.
// Internal to rules.
#pragma once

#include "policies/explanation.hpp"
#include "policies/identity.hpp"
#include "policies/rules/requirement.hpp"
#include "policies/truth.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::rules {

/// `wanted`: what the operand stands for; nothing: unknown.
[[nodiscard]] step tenant_step(const operand& required, const identity& who, std::optional<std::string_view> wanted);
/// roles, all_roles, scopes, all_scopes. `unknown`: the claim can't be read.
[[nodiscard]] step list_step(std::string_view name, const std::vector<std::string>& held, const std::vector<std::string>& wanted,
                             bool unknown);
[[nodiscard]] step claim_step(const claim_predicate& predicate, const tokens::found_claim& found, const operand_values& values,
                              truth holds);
[[nodiscard]] step acr_step(const requirement& required, const identity& who);
[[nodiscard]] step max_age_step(const requirement& required, const identity& who, time_point now);
/// any, all, not.
[[nodiscard]] step parts_step(std::string_view name, std::size_t holding, std::size_t unknown, std::size_t of);
[[nodiscard]] step policies_step(const std::vector<std::string>& names, std::size_t holding, std::size_t unknown);

/// A requirement in one line, as in the configuration but without quotes; empty
/// for an empty one.
[[nodiscard]] std::string to_text(const requirement& required);

} // namespace bearward::policies::rules
