// What memory the process under test has of its own.
#pragma once

#include <cstddef>

namespace bearward::test {

/// What this process has written and nobody shares, in bytes, by /proc/self/smaps_rollup. Not
/// Private_Clean: the pages of the executable move there when another process that runs it ends.
std::size_t private_memory();

} // namespace bearward::test
