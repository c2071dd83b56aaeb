// `bearward import` with its streams given, so that it can be tried without a process.
#pragma once

#include "proxy/commands/commands.hpp"

#include <iosfwd>

namespace bearward::proxy::commands {

struct import_streams {
    std::ostream& out;      ///< the configuration, where the output is `-`
    std::ostream& messages; ///< what could not be translated
};

/// Reads the file and writes ours. The exit code.
int import_peer(const import_options& options, const import_streams& streams);

} // namespace bearward::proxy::commands
