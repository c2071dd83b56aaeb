// How a reload is asked for and answered, between the admin listener and whoever
// reloads.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bearward::proxy {

struct reload_outcome {
    bool success = false;
    std::size_t refused_lines = 0;   ///< of revocation files, left out
    std::vector<std::string> errors; ///< why not, a line each, as `check` prints them
};

/// Called once, on any thread; or never, when the process ends before.
using reload_answer = std::function<void(reload_outcome)>;
/// Asks for a reload and returns at once. Thread-safe.
using reload_request = std::function<void(reload_answer)>;

} // namespace bearward::proxy
