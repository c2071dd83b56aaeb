// The commands as data, for pages and scripts that list them. Internal to the command line.
#pragma once

#include "proxy/commands/command_options.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace bearward::proxy::commands {

struct declared_command {
    std::string path; ///< `token mint`; empty: without a command
    const CLI::App* app = nullptr;
};

/// Every command that does something, and the options before any; declared to `app`.
[[nodiscard]] inline std::vector<declared_command> list_commands(const CLI::App& app, const std::string& path = {}) {
    std::vector<declared_command> all{{path, &app}};
    for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        auto below = list_commands(*each, path.empty() ? each->get_name() : path + ' ' + each->get_name());
        all.insert(all.end(), below.begin(), below.end());
    }
    return all;
}

} // namespace bearward::proxy::commands
