#include "config/configuration.hpp"
#include "proxy/commands/commands.hpp"

#include <algorithm>
#include <iostream>

namespace bearward::proxy::commands {
namespace {

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

} // namespace

int check(const std::string& configuration_file, const check_options& options) {
    const config::load_result result = config::load_file(configuration_file, {.offline = options.offline});
    for (const auto& problem : result.diagnostics) {
        std::cerr << to_string(problem) << '\n';
    }
    if (!result.loaded) {
        return 1;
    }
    const auto warnings =
        static_cast<std::size_t>(std::ranges::count(result.diagnostics, config::diagnostic::kind::warning, &config::diagnostic::severity));
    if (options.strict && warnings != 0) {
        std::cerr << configuration_file << ": " << counted(warnings, "warning") << ", which --strict counts as errors\n";
        return 1;
    }
    std::cout << configuration_file << ": ok (" << counted(result.loaded->rules->routes.routes().size(), "route") << ", "
              << counted(result.loaded->rules->providers.size(), "provider");
    if (warnings != 0) {
        std::cout << ", " << counted(warnings, "warning");
    }
    std::cout << ")\n" << std::flush;
    return std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands
