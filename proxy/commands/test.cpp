#include "proxy/commands/commands.hpp"
#include "proxy/commands/input.hpp"
#include "proxy/commands/policy_tests.hpp"
#include "proxy/telemetry/counter_registry.hpp"

#include <iostream>

namespace bearward::proxy::commands {

int test_policies(const std::string& configuration_file) {
    auto configuration = load_or_complain(configuration_file, {.offline = true});
    if (!configuration) {
        return 1;
    }
    counter_registry counted_nowhere(1);
    const serving rules(std::move(*configuration), counted_nowhere, purpose::judge);
    const auto outcomes = run_policy_tests(rules);
    for (const test_outcome& each : outcomes) {
        std::cout << to_text(each);
    }
    const std::size_t failed = count_failed(outcomes);
    std::cout << configuration_file << ": " << outcomes.size() << (outcomes.size() == 1 ? " test" : " tests");
    if (!outcomes.empty()) {
        std::cout << ", " << outcomes.size() - failed << " passed, " << failed << " failed";
    }
    std::cout << '\n' << std::flush;
    return failed == 0 && std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands
