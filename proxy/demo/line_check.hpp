// Compares what came back with what the table expects. Pure.
#pragma once

#include "proxy/demo/client.hpp"
#include "proxy/demo/lines.hpp"

#include <string>

namespace bearward::proxy::demo {

/// Empty when all is as expected; else what differs, in one sentence.
[[nodiscard]] std::string check_outcome(const line& what, const outcome& result);

} // namespace bearward::proxy::demo
