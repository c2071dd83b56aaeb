// Whether the names in a requirement's operands can ever stand for something on a
// route: one that can't would let nobody in, or under `not` stop nobody.
#pragma once

#include "config/settings.hpp"
#include "policies/rules/operand.hpp"

#include <set>
#include <string>

namespace bearward::config {

/// What operands may name on one route.
struct operand_scope {
    const std::set<std::string>& bound; ///< the captures of its path
    const route_settings& route;        ///< with its defaults
};

/// What is wrong with a part of an operand; empty: nothing.
[[nodiscard]] std::string fault_of(const policies::rules::operand::part& part, const operand_scope& scope, const settings& from);

} // namespace bearward::config
