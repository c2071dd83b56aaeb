// The steps of a decision as JSON and as lines.
#pragma once

#include "policies/explanation.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace bearward::proxy::commands {

/// An object each: stage, check, outcome (note, ok, failed, holds, does_not_hold),
/// and where there is something to show found, expected, note, reason.
[[nodiscard]] boost::json::array to_json(const std::vector<policies::step>& steps);

/// The same in aligned columns: stage, check, ok or FAILED, the values.
[[nodiscard]] std::string to_lines(const std::vector<policies::step>& steps);

} // namespace bearward::proxy::commands
