// Lines in aligned columns, for output that people read.
#pragma once

#include <string>
#include <vector>

namespace bearward::proxy::commands {

/// Each row is a line; the cells of a column begin under each other, two spaces
/// after the widest before them. Rows may have fewer cells than others.
[[nodiscard]] std::string to_columns(const std::vector<std::vector<std::string>>& rows);

} // namespace bearward::proxy::commands
