// Text for manual pages: man(7) from the Markdown that declarations and help are written in.
#pragma once

#include <string>
#include <string_view>

namespace bearward::config {

/// One line of running text: `code` becomes bold, [text](link) its text; what roff would take for a request or an escape is escaped.
[[nodiscard]] std::string manual_text(std::string_view markdown);

/// Paragraphs and lists of `* ` lines, each ended by a line end.
[[nodiscard]] std::string manual_paragraphs(std::string_view markdown);

/// Lines as they stand, for examples.
[[nodiscard]] std::string manual_lines(std::string_view text);

/// The page's head: `.TH` with the name in upper case, and the NAME section.
[[nodiscard]] std::string manual_head(std::string_view name, int section, std::string_view summary);

} // namespace bearward::config
