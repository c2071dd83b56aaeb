#include "proxy/commands/failed_tests.hpp"

#include "policies/text.hpp"
#include "proxy/commands/policy_tests.hpp"
#include "proxy/telemetry/counter_registry.hpp"

namespace bearward::proxy::commands {

std::vector<config::diagnostic> policy_check::find_failures(const config::configuration& settings) {
    std::vector<config::diagnostic> failed;
    if (settings.tests.empty() || settings.effective == passed_) {
        return failed;
    }
    counter_registry counted_nowhere(1);
    const serving rules(settings, counted_nowhere, purpose::judge);
    for (const test_outcome& each : run_policy_tests(rules)) {
        if (!each.differences.empty()) {
            failed.push_back({.where = each.where,
                              .key_path = "tests",
                              .message = "the test '" + each.name + "' fails: " + policies::listed(each.differences) +
                                         "; `bearward test` shows each step"});
        }
    }
    if (failed.empty()) {
        passed_ = settings.effective;
    }
    return failed;
}

} // namespace bearward::proxy::commands
