#include "config/configuration.hpp"

namespace bearward::config {

std::string to_string(const diagnostic& what) {
    std::string line = what.where.file;
    line += ':' + std::to_string(what.where.line) + ':' + std::to_string(what.where.column);
    line += what.severity == diagnostic::kind::error ? ": error: " : ": warning: ";
    if (!what.key_path.empty()) {
        line += what.key_path + ": ";
    }
    return line + what.message;
}

} // namespace bearward::config
