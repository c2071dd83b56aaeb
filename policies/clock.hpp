// The time type of every decision. Nothing in policies reads a clock: `now` is
// always an argument.
#pragma once

#include <chrono>

namespace bearward::policies {

/// Milliseconds of Unix time. Holds every NumericDate up to 2^53 seconds.
using time_point = std::chrono::sys_time<std::chrono::milliseconds>;

} // namespace bearward::policies
