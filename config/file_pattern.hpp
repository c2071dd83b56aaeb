// Patterns of file names as glob(7) has them: `*`, `?`, `[...]` and `\` before
// what stands for itself.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::config {

[[nodiscard]] bool is_pattern(std::string_view path) noexcept;

/// A path as a pattern that matches only it.
[[nodiscard]] std::string as_literal(std::string_view path);

/// The files that a pattern matches, sorted by name. Error: the reason, e.g. of a
/// folder that can't be looked into. Thread-safe.
using matches = std::expected<std::vector<std::string>, std::string>;
[[nodiscard]] matches find_matches(const std::string& pattern);

} // namespace bearward::config
