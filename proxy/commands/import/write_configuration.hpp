// What was imported as a configuration of ours: the one place that writes it. Pure.
#pragma once

#include "proxy/commands/import/model.hpp"

#include <string>

namespace bearward::proxy::commands::importing {

/// The whole file; `from` is the name of the peer's.
[[nodiscard]] std::string write_configuration(const imported& what, std::string_view from);

/// Policy tests for the routes, as the section `tests`.
[[nodiscard]] std::string write_tests(const imported& what);

/// "12: OPENS: what", as notes stand on stderr and in the file.
[[nodiscard]] std::string to_text(const note& one);

} // namespace bearward::proxy::commands::importing
