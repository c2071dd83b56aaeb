// What people mean who write YAML that can't be parsed. A parser says what it
// missed, and where it gave up; this looks for the usual causes in the text. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearward::config {

inline constexpr std::string_view quote_not_closed = "the quote that begins here isn't closed";

struct yaml_fault {
    int line = 0;   ///< from 1
    int column = 0; ///< from 1
    std::string what;
};

/// The cause of a parser's error at a line and column of a text, where it is one of
/// those that are known: a tab in the indentation, a quote or bracket that isn't
/// closed, text in flow style with braces, text that begins with a character that
/// means something. Nothing of the text is repeated but a name in braces.
[[nodiscard]] std::optional<yaml_fault> find_yaml_fault(std::string_view text, int line, int column);

/// Whether the text in quotes that begins at a line and column goes on to the end of
/// the file. yaml-cpp takes that for its end.
[[nodiscard]] bool is_open_quote(std::string_view text, int line, int column);

} // namespace bearward::config
