// Durations for people, in causes and log lines.
#pragma once

#include <chrono>
#include <string>

namespace bearward::proxy {

/// "60 s", or "250 ms" where it isn't whole seconds.
[[nodiscard]] inline std::string describe(std::chrono::milliseconds value) {
    const bool whole = value.count() % 1000 == 0;
    return std::to_string(whole ? value.count() / 1000 : value.count()) + (whole ? " s" : " ms");
}

} // namespace bearward::proxy
