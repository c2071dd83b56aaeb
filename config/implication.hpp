// Whether one route asks for at least what another asks for. Structural, on the
// safe side: what it can't see through counts as less. Only warnings hang on it.
#pragma once

#include "policies/rules/route.hpp"

#include <string>

namespace bearward::config {

/// Captures are equal when they stand at the same segment, whatever their names.
[[nodiscard]] bool requires_at_least(const policies::rules::route& inner, const policies::rules::route& outer);

/// What it drops, for a message. Only when it doesn't require at least as much.
[[nodiscard]] std::string why_less(const policies::rules::route& inner, const policies::rules::route& outer);

} // namespace bearward::config
