// Makes a scenario that fails smaller, for a reader.
#pragma once

#include "tests/simulation/scenario.hpp"

namespace bearward::simulation {

/// What still shows the first fault of `failing` with fewer actors, fewer requests and, where
/// it can be, a kernel that does nothing by itself.
[[nodiscard]] scenario shrink(const scenario& failing);
/// The command that runs it again.
[[nodiscard]] std::string command_line(const scenario& what);

} // namespace bearward::simulation
