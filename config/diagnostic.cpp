#include "config/configuration.hpp"

namespace bearward::config {

std::string to_string(const diagnostic& what) {
    std::string line = what.where.file;
    line += ':' + std::to_string(what.where.line) + ':' + std::to_string(what.where.column);
    switch (what.severity) {
    case diagnostic::kind::error:
        line += ": error: ";
        break;
    case diagnostic::kind::warning:
        line += ": warning: ";
        break;
    case diagnostic::kind::note:
        line += ": note: ";
        break;
    }
    if (!what.key_path.empty()) {
        line += what.key_path + ": ";
    }
    line += what.message;
    if (what.code && what.severity == diagnostic::kind::warning) {
        line += " [" + std::string(to_string(*what.code)) + ']';
    }
    return line;
}

} // namespace bearward::config
