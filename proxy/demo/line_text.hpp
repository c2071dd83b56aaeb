// The lines of the demo as text: commands for a shell and for a browser's
// console, and what to expect.
#pragma once

#include "proxy/demo/lines.hpp"
#include "proxy/demo/tokens.hpp"

#include <string>
#include <string_view>

namespace bearward::proxy::demo {

/// The shell's variables and the function `ws`, to paste before the lines.
[[nodiscard]] std::string make_shell_preamble(std::string_view url, const std::vector<named_token>& tokens);

/// The line as a shell command: curl, or `ws` of the preamble.
[[nodiscard]] std::string make_command(const line& what);

/// The constants and the function `ws` for a browser's console.
[[nodiscard]] std::string make_console_preamble(std::string_view url, const std::vector<named_token>& tokens);

/// A WebSocket line for a browser's console.
[[nodiscard]] std::string make_console_command(const line& what);

/// What to expect, in one sentence.
[[nodiscard]] std::string describe(const expectation& expected);

} // namespace bearward::proxy::demo
