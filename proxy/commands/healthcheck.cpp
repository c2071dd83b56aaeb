#include "config/configuration.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/commands/readiness_probe.hpp"

#include <iostream>

namespace bearward::proxy::commands {
namespace {

constexpr std::chrono::milliseconds time_limit{5'000};

/// One line, whatever went wrong: container runtimes show little more.
int unhealthy(const std::string& why) {
    std::cerr << "bearward: healthcheck: " << why << '\n';
    return 1;
}

} // namespace

int healthcheck(const std::string& configuration_file) {
    // Offline: the address is all that is needed, and this user may not be let near the keys.
    const config::load_result result = config::load_file(configuration_file, {.offline = true});
    if (!result.loaded) {
        return unhealthy(configuration_file + " is not valid; 'bearward check' says why");
    }
    const auto& settings = result.loaded->admin;
    const auto& admin = settings.address ? settings.address : settings.probes;
    if (!admin) {
        return unhealthy("admin.address is off in " + configuration_file + " and there are no admin.probes, so there is nothing to ask");
    }
    if (admin->unix_path.empty() && admin->port == 0) {
        return unhealthy("the admin address has port 0 in " + configuration_file + ": give it a port of its own, so that it can be asked");
    }
    if (const auto why = probe_readiness(*admin, time_limit)) {
        return unhealthy("not ready: " + admin->text + ": " + *why);
    }
    std::cout << "ready\n" << std::flush;
    return 0;
}

} // namespace bearward::proxy::commands
