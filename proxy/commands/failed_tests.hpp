// The policy tests of a configuration that is about to be served.
#pragma once

#include "config/configuration.hpp"

#include <boost/json/object.hpp>

#include <vector>

namespace bearward::proxy::commands {

/// Runs `tests:` where the configuration differs from the last one whose tests passed: new keys and revocations must count
/// whatever they say. For one thread at a time.
class policy_check {
public:
    /// Each test that fails is an error at its place. Needs neither keys nor a network.
    [[nodiscard]] std::vector<config::diagnostic> find_failures(const config::configuration& settings);

private:
    boost::json::object passed_; ///< config::configuration::effective
};

} // namespace bearward::proxy::commands
