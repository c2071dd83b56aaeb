// How the entries of a requirement are told to an observer. Nothing here decides.
// Internal to rules.
#pragma once

#include "policies/explanation.hpp"
#include "policies/rules/requirement.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::rules {

[[nodiscard]] step tenant_step(const operand& required, std::string_view tenant, std::string_view wanted);
/// roles, all_roles, scopes, all_scopes.
[[nodiscard]] step list_step(std::string_view name, const std::vector<std::string>& held, const std::vector<std::string>& wanted);
/// `captured`: what "{capture}" stands for; empty without one.
[[nodiscard]] step claim_step(const claim_predicate& predicate, const boost::json::value* claim, std::string_view captured);
/// any, all, not.
[[nodiscard]] step parts_step(std::string_view name, std::size_t holding, std::size_t of);
[[nodiscard]] step policies_step(const std::vector<std::string>& names, std::size_t holding);

/// A requirement in one line, as in the configuration but without quotes; empty
/// for an empty one.
[[nodiscard]] std::string to_text(const requirement& required);

} // namespace bearward::policies::rules
