#include "config/configuration.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/commands/policy_tests.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

namespace bearward::proxy::commands {
namespace {

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

/// Writes the tests that failed to stderr; how many they are.
std::size_t complain(const std::vector<test_outcome>& outcomes) {
    for (const test_outcome& each : outcomes) {
        if (!each.differences.empty()) {
            std::cerr << to_text(each);
        }
    }
    return count_failed(outcomes);
}

} // namespace

int check(const std::string& configuration_file, const check_options& options) {
    config::load_result result = config::load_file(configuration_file, {.offline = options.offline});
    for (const auto& problem : result.diagnostics) {
        std::cerr << to_string(problem) << '\n';
    }
    if (!result.loaded) {
        return 1;
    }
    const auto count = [&](config::diagnostic::kind severity) {
        return static_cast<std::size_t>(std::ranges::count(result.diagnostics, severity, &config::diagnostic::severity));
    };
    const std::size_t warnings = count(config::diagnostic::kind::warning);
    const std::size_t notes = count(config::diagnostic::kind::note);
    if (options.strict && warnings != 0) {
        std::cerr << configuration_file << ": " << counted(warnings, "warning") << ", which --strict counts as errors\n";
        return 1;
    }
    counter_registry counted_nowhere(1);
    const serving rules(std::move(*result.loaded), counted_nowhere, purpose::judge);
    const auto outcomes = run_policy_tests(rules);
    if (const std::size_t failed = complain(outcomes); failed != 0) {
        std::cerr << configuration_file << ": " << counted(failed, "failed test") << " of " << outcomes.size() << '\n';
        return 1;
    }
    std::cout << configuration_file << ": ok (" << counted(rules.rules().routes.routes().size(), "route") << ", "
              << counted(rules.rules().providers.size(), "provider");
    if (!outcomes.empty()) {
        std::cout << ", " << counted(outcomes.size(), "passed test");
    }
    const char* before = "; ";
    for (const auto& [number, noun] : {std::pair(warnings, "warning"), std::pair(notes, "note")}) {
        if (number != 0) {
            std::cout << before << counted(number, noun);
            before = ", ";
        }
    }
    std::cout << ")\n" << std::flush;
    return std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands
