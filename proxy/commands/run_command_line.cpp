#include "proxy/commands/command_line.hpp"

#include <cstdlib>
#include <iostream>

namespace bearward::proxy::commands {
namespace {

constexpr int wrong_usage = 2;

/// Calls the command with the configuration that is there, or says that none is.
template <typename Command>
int with_configuration(const std::optional<std::string>& given, Command&& run_it) {
    const auto file = find_configuration(given);
    const char* const from_environment = std::getenv("BEARWARD_CONFIG");
    const bool missing = !given && from_environment != nullptr && *from_environment != '\0' && file != from_environment;
    if (missing) {
        std::cerr << "bearward: BEARWARD_CONFIG names " << from_environment << ", which is not there\n";
    }
    if (!file) {
        std::cerr << "bearward: no configuration: give one with -c FILE or in BEARWARD_CONFIG; looked for ./bearward.yaml and "
                     "/etc/bearward/bearward.yaml\nTry 'bearward --help'.\n";
        return wrong_usage;
    }
    return run_it(*file);
}

struct runner {
    int operator()(const show_text& what) const {
        std::cout << what.text << std::flush;
        return std::cout ? 0 : 1;
    }
    int operator()(const run_command& what) const {
        return with_configuration(what.configuration, [&what](const std::string& file) { return run({file, what.replace}); });
    }
    int operator()(const check_command& what) const {
        return with_configuration(what.configuration, [&what](const std::string& file) { return check(file, what.options); });
    }
    int operator()(const test_command& what) const { return with_configuration(what.configuration, test_policies); }
    int operator()(const explain_command& what) const {
        return with_configuration(what.configuration, [&what](const std::string& file) { return explain(file, what.options); });
    }
    int operator()(const routes_command& what) const { return with_configuration(what.configuration, print_routes); }
    int operator()(const schema_command&) const { return print_schema(); }
    int operator()(const healthcheck_command& what) const { return with_configuration(what.configuration, healthcheck); }
    int operator()(const mint_options& what) const { return mint_token(what); }
    int operator()(const inspect_options& what) const { return inspect_token(what); }
    int operator()(const key_options& what) const { return make_key(what); }
    int operator()(const api_key_options& what) const { return make_api_key(what); }
    int operator()(const init_options& what) const { return make_configuration(what); }
    int operator()(const import_options& what) const { return import_peer(what); }
    int operator()(const demo_command& what) const { return demo(what.once); }
};

} // namespace

int run_command_line(int argc, const char* const* argv) {
    const auto parsed = parse_command_line(argc, argv);
    if (!parsed) {
        std::cerr << parsed.error();
        return wrong_usage;
    }
    return std::visit(runner{}, *parsed);
}

} // namespace bearward::proxy::commands
