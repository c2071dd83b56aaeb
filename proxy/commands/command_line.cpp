#include "proxy/commands/command_line.hpp"

#include "config/suggestion.hpp"
#include "proxy/commands/command_options.hpp"

#include <algorithm>
#include <vector>

namespace bearward::proxy::commands {
namespace {

/// The innermost command that was named.
const CLI::App& innermost(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : innermost(*chosen.front());
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(one->get_name());
    }
    return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

bool looks_like_a_command(const std::string& word) {
    return word.size() <= 16 && std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

/// What must not be repeated as the name of a file that isn't there.
bool looks_like_a_credential(std::string_view word) {
    word.remove_prefix(std::min(word.find_first_not_of("\"' "), word.size()));
    return word.starts_with("eyJ") || word.starts_with("bwk_") || word.starts_with("Bearer ") || word.starts_with("bearer ");
}

/// Names an option or a would-be command, nothing else: other words may be secrets.
std::string describe_unknown(const CLI::App& at, const std::string& word) {
    if (word.starts_with("--")) {
        const std::string name = word.substr(0, word.find('='));
        return "unknown option " + name + config::suggest(name, option_names(at));
    }
    if (word.starts_with('-')) {
        return "unknown option " + word.substr(0, 2);
    }
    const auto commands = command_names(at);
    if (!commands.empty() && looks_like_a_command(word)) {
        return "unknown command '" + word + "'" + config::suggest(word, commands);
    }
    return "unexpected argument";
}

std::string full_name(const CLI::App& app) {
    return app.get_parent() == nullptr ? "bearward" : full_name(*app.get_parent()) + ' ' + app.get_name();
}

std::string usage_message(const CLI::App& at, const std::string& problem) {
    return "bearward: " + problem + "\nTry '" + full_name(at) + " --help'.\n";
}

std::string help_text(const CLI::App& app) {
    return app.help(app.get_parent() == nullptr ? "" : full_name(*app.get_parent()));
}

/// An unknown word explains what seems to be missing, so it comes first.
std::string describe(const CLI::ParseError& problem, const CLI::App& app) {
    const auto unknown = app.remaining(true);
    if (!unknown.empty()) {
        return describe_unknown(innermost(app), unknown.front());
    }
    if (dynamic_cast<const CLI::ConversionError*>(&problem) != nullptr) {
        return "an option that takes no value has one"; // its own text repeats the value
    }
    return problem.what();
}

std::expected<command, std::string> choose_token_command(const command_tree& tree, const parsed_options& options) {
    if (tree.inspect->parsed()) {
        inspect_options inspect = options.inspect;
        inspect.configuration = options.configuration;
        return inspect;
    }
    const auto& mint = options.mint;
    if (int{mint.key_file.has_value()} + int{mint.secret_file.has_value()} + int{mint.secret.has_value()} != 1) {
        return std::unexpected(usage_message(*tree.mint, "exactly one of --key, --secret-file and --secret is needed"));
    }
    return mint;
}

std::expected<command, std::string> choose(const command_tree& tree, const parsed_options& options) {
    if (tree.token->parsed()) {
        return choose_token_command(tree, options);
    }
    if (tree.check->parsed()) {
        return check_command{.configuration = options.configuration, .options = options.check};
    }
    if (tree.test->parsed()) {
        return test_command{.configuration = options.configuration};
    }
    if (tree.explain->parsed()) {
        return explain_command{.configuration = options.configuration, .options = options.explain};
    }
    if (tree.routes->parsed()) {
        return routes_command{.configuration = options.configuration};
    }
    if (tree.key->parsed()) {
        return options.key;
    }
    if (tree.api_key->parsed()) {
        return options.api_key;
    }
    if (tree.init->parsed()) {
        return options.init;
    }
    if (tree.import_peer->parsed()) {
        return options.import_from;
    }
    if (tree.schema->parsed()) {
        return schema_command{};
    }
    if (tree.healthcheck->parsed()) {
        return healthcheck_command{.configuration = options.configuration};
    }
    if (tree.demo->parsed()) {
        return demo_command{.once = options.once};
    }
    return run_command{.configuration = options.configuration, .replace = options.replace};
}

} // namespace

std::expected<command, std::string> parse_command_line(int argc, const char* const* argv) {
    CLI::App app("A reverse-proxy authentication sidecar: lets the right requests through to an app, over HTTP and WebSocket.", "bearward");
    parsed_options options;
    const command_tree tree = declare_commands(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return show_text{help_text(innermost(app))};
    } catch (const CLI::CallForVersion& version) {
        return show_text{std::string(version.what()) + '\n'};
    } catch (const CLI::ParseError& problem) {
        return std::unexpected(usage_message(innermost(app), describe(problem, app)));
    }
    if (options.file && looks_like_a_credential(*options.file)) {
        return std::unexpected(usage_message(innermost(app), "a token stands where a FILE is expected; explain takes it with --token"));
    }
    if (options.file && options.configuration) {
        return std::unexpected(usage_message(innermost(app), "two configurations: one with -c and one without; give one"));
    }
    if (options.file) {
        options.configuration = options.file;
    }
    return choose(tree, options);
}

} // namespace bearward::proxy::commands
