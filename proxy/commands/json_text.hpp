// JSON for people and for machines: indented, or in one line without quotes where
// they aren't needed. Whatever a client sent comes out as valid UTF-8 without
// control characters, so that it can't steer a terminal.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace bearward::proxy::commands {

/// Appends the value over several lines; those after the first begin with `indent`.
void append_pretty_json(std::string& out, const boost::json::value& value, const std::string& indent = {});

/// A value in words: `reader, editor` for an array, `iss https://id/` for an object,
/// `none` for null and for what is empty.
[[nodiscard]] std::string to_words(const boost::json::value& value);

/// A sentence that may hold what a client sent, such as a capture, without quotes
/// around it.
[[nodiscard]] std::string to_printable(const std::string& text);

} // namespace bearward::proxy::commands
