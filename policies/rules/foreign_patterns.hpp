// Patterns of other products in a path: globs, `:name`, `<x>`, `$x`, regular
// expressions. Taken as they stand they would match nothing, and the route would
// protect nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearward::policies::rules {

/// Whether a path's segment has characters that are a pattern in another product:
/// `*`, `<`, `>`, `(`, `)`, `[`, `]`, `^`, `|`, `\`, `:` or `$` at its start, or braces
/// with more than a name in them.
[[nodiscard]] bool is_foreign(std::string_view segment) noexcept;

/// What is wrong with a path that has such characters, and what to write instead: a
/// sentence. Nothing for any other text.
[[nodiscard]] std::optional<std::string> explain_foreign_pattern(std::string_view pattern);

} // namespace bearward::policies::rules
