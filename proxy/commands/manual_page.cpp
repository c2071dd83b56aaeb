#include "proxy/commands/manual_page.hpp"

#include "config/manual_text.hpp"
#include "proxy/commands/declared_command.hpp"

namespace bearward::proxy::commands {
namespace {

using config::manual_text;

/// `-c, --config FILE`, or a positional argument's name.
std::string describe_names(const CLI::Option& option) {
    std::string names;
    for (const std::string& name : option.get_snames()) {
        names += (names.empty() ? "`-" : ", `-") + name + '`';
    }
    for (const std::string& name : option.get_lnames()) {
        names += (names.empty() ? "`--" : ", `--") + name + '`';
    }
    const std::string value = option.get_items_expected_max() == 0 ? std::string() : option.get_type_name();
    return names.empty() ? value : value.empty() ? names : names + ' ' + value;
}

bool is_help(const CLI::Option& option) {
    return option.check_lname("help");
}

std::string list_options(const CLI::App& app) {
    std::string text;
    for (const CLI::Option* each : app.get_options()) {
        if (is_help(*each) && app.get_parent() != nullptr) {
            continue; // each has it
        }
        text += ".TP\n" + manual_text(describe_names(*each)) + '\n' + manual_text(each->get_description());
        text += each->get_required() ? ". Required.\n" : ".\n";
        if (const std::string preset = each->get_default_str(); !preset.empty()) {
            text += ".br\nDefault: " + manual_text('`' + preset + '`') + '\n';
        }
    }
    return text;
}

constexpr const char* signals = R"(* SIGTERM, SIGINT: drains; a second one ends at once.
* SIGHUP: reads the configuration again. A bad one is refused, and the old one stays.
* SIGUSR1: opens log files again.
)";

constexpr const char* environment = R"(* `BEARWARD_CONFIG`: the configuration, where none is given.
* `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`: of a service manager, see sd_notify(3).
* `SSL_CERT_FILE`, `SSL_CERT_DIR`: the authorities that certificates of issuers and upstreams are verified against where no `ca` is configured.
)";

} // namespace

std::string make_manual_page() {
    CLI::App app("", "bearward");
    parsed_options options;
    (void)declare_commands(app, options);
    std::string text = config::manual_head("bearward", 1, "a reverse proxy that authenticates, beside one app");
    text += ".SH SYNOPSIS\n.B bearward\n[\\fBrun\\fR] [\\fB\\-c\\fR FILE]\n.br\n.B bearward\nCOMMAND [OPTIONS]\n";
    text += ".SH DESCRIPTION\n" +
            config::manual_paragraphs(
                "Lets the right requests through to an app, over HTTP and WebSocket: verifies bearer tokens and API keys, enforces the "
                "routes and roles of one YAML file, and forwards with the caller's identity in headers.\n"
                "The app must be reachable only through it.\n");
    for (const declared_command& each : list_commands(app)) {
        if (each.path.empty()) {
            text += ".SH OPTIONS\n" + list_options(*each.app) + ".SH COMMANDS\nEach has \\fB\\-\\-help\\fR.\n";
            continue;
        }
        text +=
            ".SS bearward " + manual_text(each.path) + '\n' + manual_text(each.app->get_description()) + ".\n" + list_options(*each.app);
        if (const std::string footer = each.app->get_footer(); !footer.empty()) {
            text += config::manual_lines(footer);
        }
    }
    text += ".SH EXIT STATUS\n0: fine. 1: failed, or invalid. 2: wrong usage. 3: explain says that the request is denied.\n";
    text += ".SH SIGNALS\n" + config::manual_paragraphs(signals) + ".SH ENVIRONMENT\n" + config::manual_paragraphs(environment);
    text += ".SH FILES\n.I ./bearward.yaml\n.br\n.I /etc/bearward/bearward.yaml\n.SH SEE ALSO\n.BR bearward.yaml (5)\n";
    return text;
}

} // namespace bearward::proxy::commands
