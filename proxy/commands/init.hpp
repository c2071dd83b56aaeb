// `bearward init` with its streams given, so that it can be tried without a terminal.
#pragma once

#include "proxy/commands/commands.hpp"

#include <iosfwd>

namespace bearward::proxy::commands {

struct init_streams {
    std::istream* answers = nullptr; ///< nothing: nobody is there to be asked
    std::ostream& out;               ///< the configuration, where the output is `-`
    std::ostream& messages;          ///< questions and what became of it
};

/// Asks for what is missing, if somebody is there, and writes the configuration. The exit code.
int init(const init_options& options, const init_streams& streams);

} // namespace bearward::proxy::commands
