// Policy tests (`tests:` of a configuration): requests with identities, judged by
// the code that serves. A credential that names the test's identity stands in for
// a real one, so that neither keys nor a network are needed.
#pragma once

#include "config/settings.hpp"
#include "proxy/serving.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bearward::proxy::commands {

struct test_outcome {
    std::string name;
    config::mark where;
    std::vector<std::string> differences; ///< "status: expected 200, got 403"; empty: it passed
    std::string explanation;              ///< request and steps, of a failed one
};

[[nodiscard]] test_outcome run_policy_test(const serving& rules, const config::test_settings& test);

/// All tests of the configuration, in the order in which they were written.
[[nodiscard]] std::vector<test_outcome> run_policy_tests(const serving& rules);

[[nodiscard]] std::size_t count_failed(const std::vector<test_outcome>& outcomes);

/// "FILE:LINE:COL: ok: NAME", or FAILED with what was expected, what happened and
/// the steps below it, indented.
[[nodiscard]] std::string to_text(const test_outcome& outcome);

} // namespace bearward::proxy::commands
