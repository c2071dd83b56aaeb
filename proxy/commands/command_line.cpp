#include "proxy/commands/command_line.hpp"

#include "config/suggestion.hpp"
#include "policies/jose/algorithm.hpp"
#include "proxy/commands/token_mint.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <vector>

namespace bearward::proxy::commands {
namespace {

constexpr const char* algorithms = "HS256/384/512, RS256/384/512, PS256/384/512, ES256/384/512 or EdDSA";

/// Everything that the options write to.
struct parsed_options {
    std::optional<std::string> configuration; // of the command; the same words before it count too
    check_options check;
    mint_options mint;
    bool once = false;
};

struct command_tree {
    CLI::App* run = nullptr;
    CLI::App* check = nullptr;
    CLI::App* healthcheck = nullptr;
    CLI::App* token = nullptr;
    CLI::App* mint = nullptr;
    CLI::App* demo = nullptr;
};

void add_configuration(CLI::App& app, parsed_options& into) {
    app.add_option("-c,--config", into.configuration,
                   "The configuration. Default: $BEARWARD_CONFIG, ./bearward.yaml, /etc/bearward/bearward.yaml")
        ->type_name("FILE");
}

/// The checks name no value: it may be a secret in the wrong place.
CLI::Option* add_checked(CLI::Option* option, bool (*accepts)(const std::string&), std::string problem) {
    return option->check(CLI::Validator(
        [accepts, problem = std::move(problem)](const std::string& value) { return accepts(value) ? std::string() : problem; }, ""));
}

bool is_algorithm(const std::string& word) {
    return policies::jose::parse_algorithm(word).has_value();
}
bool is_lifetime(const std::string& text) {
    return parse_lifetime(text).has_value();
}
bool is_claim_text(const std::string& text) {
    return is_claim(text);
}

void add_mint_options(CLI::App& mint, mint_options& into) {
    mint.add_option("--key", into.key_file, "A private key (PEM)")->type_name("FILE");
    mint.add_option("--secret-file", into.secret_file, "A file with the shared secret; one trailing newline is dropped")->type_name("FILE");
    mint.add_option("--secret", into.secret, "The shared secret itself; others on this machine may see it in the process list")
        ->type_name("TEXT");
    add_checked(mint.add_option("--alg", into.algorithm, algorithms)->type_name("A")->required(), is_algorithm,
                std::string("not an accepted algorithm; accepted: ") + algorithms);
    mint.add_option("--kid", into.key_id, "The key's id, for the header")->type_name("K");
    add_checked(mint.add_option("--claim", into.claims,
                                "A claim; VALUE is JSON where it parses, else text. Wins over the other options. Repeatable")
                    ->type_name("NAME=VALUE")
                    ->allow_extra_args(false),
                is_claim_text, "not NAME=VALUE");
    mint.add_option("--sub", into.subject, "The user (sub)")->type_name("S");
    mint.add_option("--tid", into.tenant, "The tenant (tid)")->type_name("T");
    mint.add_option("--role", into.roles, "A role (roles). Repeatable")->type_name("R")->allow_extra_args(false);
    mint.add_option("--iss", into.issuer, "The issuer (iss)")->type_name("I");
    mint.add_option("--aud", into.audiences, "The audience (aud). Repeatable")->type_name("A")->allow_extra_args(false);
    add_checked(mint.add_option("--ttl", into.lifetime, "How long it is valid; -5m makes an expired token")
                    ->type_name("DURATION")
                    ->capture_default_str(),
                is_lifetime, "not a duration such as 30s, 15m or 1h");
}

command_tree declare(CLI::App& app, parsed_options& into) {
    app.set_version_flag("--version", "bearward " BEARWARD_VERSION, "Print the version");
    app.footer("Example: bearward -c bearward.yaml\n`bearward COMMAND --help` says more about a command.");
    app.require_subcommand(0, 1);
    add_configuration(app, into);

    command_tree tree;
    tree.run = app.add_subcommand("run", "Serve until SIGTERM or SIGINT; the default command");
    tree.run->footer("Example: bearward run -c bearward.yaml");
    add_configuration(*tree.run, into);

    tree.check = app.add_subcommand("check", "Validate a configuration");
    tree.check->footer("Example: bearward check -c bearward.yaml --strict\nExit code: 0 valid, 1 not.");
    add_configuration(*tree.check, into);
    tree.check->add_flag("--strict", into.check.strict, "Warnings fail too");
    tree.check->add_flag("--offline", into.check.offline, "Read no secrets and key files");

    tree.token = app.add_subcommand("token", "Tokens for trying out and for tests");
    tree.token->require_subcommand(1);
    tree.token->footer("Example: bearward token mint --secret-file secret --alg HS256 --sub u-1");
    tree.mint = tree.token->add_subcommand("mint", "Make a signed token; it is all that goes to stdout");
    tree.mint->footer("Example: bearward token mint --key key.pem --alg ES256 --kid k1 --sub u-1 --tid t-1 --role reader \\\n"
                      "             --iss https://id.example.com/ --aud widgets-api --ttl 5m --claim 'scope=\"read write\"'");
    add_mint_options(*tree.mint, into.mint);

    tree.healthcheck = app.add_subcommand("healthcheck", "Ask a running proxy's /readyz; for images without curl");
    tree.healthcheck->footer("Example: bearward healthcheck -c bearward.yaml\nExit code: 0 ready, 1 not.");
    add_configuration(*tree.healthcheck, into);

    tree.demo = app.add_subcommand("demo", "A demo upstream, keys, tokens and this proxy in one process, with lines to try");
    tree.demo->footer("Example: bearward demo --once");
    tree.demo->add_flag("--once", into.once, "Run those lines, print each with its result, and end; exit code 1 if one differs");
    return tree;
}

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

std::expected<command, std::string> choose(const command_tree& tree, const parsed_options& options) {
    if (tree.mint->parsed()) {
        const auto& mint = options.mint;
        if (int{mint.key_file.has_value()} + int{mint.secret_file.has_value()} + int{mint.secret.has_value()} != 1) {
            return std::unexpected(usage_message(*tree.mint, "exactly one of --key, --secret-file and --secret is needed"));
        }
        return mint;
    }
    if (tree.check->parsed()) {
        return check_command{.configuration = options.configuration, .options = options.check};
    }
    if (tree.healthcheck->parsed()) {
        return healthcheck_command{.configuration = options.configuration};
    }
    if (tree.demo->parsed()) {
        return demo_command{.once = options.once};
    }
    return run_command{.configuration = options.configuration};
}

} // namespace

std::expected<command, std::string> parse_command_line(int argc, const char* const* argv) {
    CLI::App app("A reverse-proxy authentication sidecar: lets the right requests through to an app, over HTTP and WebSocket.", "bearward");
    parsed_options options;
    const command_tree tree = declare(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return show_text{help_text(innermost(app))};
    } catch (const CLI::CallForVersion& version) {
        return show_text{std::string(version.what()) + '\n'};
    } catch (const CLI::ParseError& problem) {
        return std::unexpected(usage_message(innermost(app), describe(problem, app)));
    }
    return choose(tree, options);
}

} // namespace bearward::proxy::commands
