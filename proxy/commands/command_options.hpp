// The commands and options that the program knows, with their help. Internal to
// the command line.
#pragma once

#include "proxy/commands/commands.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace bearward::proxy::commands {

/// Everything that the options write to.
struct parsed_options {
    std::optional<std::string> configuration; // of the command; the same words before it count too
    std::optional<std::string> file;          // the configuration without -c
    check_options check;
    explain_options explain;
    mint_options mint;
    inspect_options inspect;
    key_options key;
    api_key_options api_key;
    init_options init;
    import_options import_from;
    bool once = false;
    bool replace = false;
};

struct command_tree {
    CLI::App* run = nullptr;
    CLI::App* check = nullptr;
    CLI::App* test = nullptr;
    CLI::App* explain = nullptr;
    CLI::App* routes = nullptr;
    CLI::App* schema = nullptr;
    CLI::App* token = nullptr;
    CLI::App* mint = nullptr;
    CLI::App* inspect = nullptr;
    CLI::App* key = nullptr;
    CLI::App* make_key = nullptr;
    CLI::App* api_key = nullptr;
    CLI::App* healthcheck = nullptr;
    CLI::App* demo = nullptr;
    CLI::App* init = nullptr;
    CLI::App* import_peer = nullptr;
};

/// Declares everything to the parser; `into` must outlive the parse.
[[nodiscard]] command_tree declare_commands(CLI::App& app, parsed_options& into);

} // namespace bearward::proxy::commands
