// What may be written, in words for the reference and the manual page; Markdown.
#pragma once

#include "config/shape.hpp"

#include <string>
#include <utility>
#include <vector>

namespace bearward::config {

/// `text` in backticks.
[[nodiscard]] std::string code(const std::string& text);

/// The form of a value in a few words.
[[nodiscard]] std::string describe_form(const shape& form);
/// `required`, the default, or nothing.
[[nodiscard]] std::string describe_default(const field_shape& field);
/// With which words of the deciding key it is one; a blank at its end.
[[nodiscard]] std::string describe_tags(const field_shape& field);

/// The document's own sections, each after the first key that leads there, with its name.
[[nodiscard]] std::vector<std::pair<std::string, const section_shape*>> sections_in_order();

/// How a configuration is written: paragraphs and a list.
extern const char* const writing_rules;

} // namespace bearward::config
