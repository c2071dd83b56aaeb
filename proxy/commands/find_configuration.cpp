#include "proxy/commands/commands.hpp"

#include <cstdlib>
#include <system_error>

namespace bearward::proxy::commands {
namespace {

bool is_there(const std::string& path) {
    std::error_code error;
    return !path.empty() && std::filesystem::exists(path, error);
}

} // namespace

std::optional<std::string> find_configuration(const std::optional<std::string>& given) {
    if (given) {
        return given;
    }
    const char* const from_environment = std::getenv("BEARWARD_CONFIG");
    for (const std::string candidate :
         {from_environment != nullptr ? from_environment : "", "bearward.yaml", "/etc/bearward/bearward.yaml"}) {
        if (is_there(candidate)) {
            return candidate;
        }
    }
    return std::nullopt;
}

} // namespace bearward::proxy::commands
