#include "config/shape.hpp"

namespace bearward::config {

std::vector<std::string> section_shape::names() const {
    std::vector<std::string> all;
    all.reserve(fields.size());
    for (const field_shape& each : fields) {
        all.push_back(each.name);
    }
    return all;
}

} // namespace bearward::config
