// The command line as a value. Parsing runs nothing and prints nothing, and its
// messages repeat no argument that could be a secret.
#pragma once

#include "proxy/commands/commands.hpp"

#include <expected>
#include <optional>
#include <string>
#include <variant>

namespace bearward::proxy::commands {

/// --help and --version: what goes to stdout.
struct show_text {
    std::string text;
};
struct run_command {
    std::optional<std::string> configuration;
    bool replace = false;
};
struct check_command {
    std::optional<std::string> configuration;
    check_options options;
};
struct healthcheck_command {
    std::optional<std::string> configuration;
};
struct test_command {
    std::optional<std::string> configuration;
};
struct explain_command {
    std::optional<std::string> configuration;
    explain_options options;
};
struct routes_command {
    std::optional<std::string> configuration;
};
struct schema_command {};
struct demo_command {
    bool once = false;
};

using command =
    std::variant<show_text, run_command, check_command, test_command, explain_command, routes_command, healthcheck_command, mint_options,
                 inspect_options, key_options, api_key_options, schema_command, demo_command, init_options, import_options>;

/// Error: what is wrong and a hint, in lines for stderr; the exit code is 2.
[[nodiscard]] std::expected<command, std::string> parse_command_line(int argc, const char* const* argv);

} // namespace bearward::proxy::commands
