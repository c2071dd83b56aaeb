// What the package brings beside the program, made from the declarations of the command line.
#pragma once

#include <string>

namespace bearward::proxy::commands {

/// deploy/manual/bearward.1: every command with its options, in man(7).
[[nodiscard]] std::string make_manual_page();

/// deploy/completion/bearward.bash: completes commands, options, file names and words of fixed sets.
[[nodiscard]] std::string make_bash_completion();

} // namespace bearward::proxy::commands
