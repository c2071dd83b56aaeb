// The pieces of a log line: JSON strings, words of text lines, times. Whatever a
// client sent comes out as valid UTF-8 without control characters, so that it
// can neither forge a line nor steer a terminal.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// Appends `"text"` as JSON. Bytes that are no UTF-8 become U+FFFD; control
/// characters (C0, DEL, C1) are escaped.
void append_json_string(std::string& out, std::string_view text);

/// Appends a word of a text line: as it is when it is plain, else as a JSON
/// string; `-` when empty.
void append_word(std::string& out, std::string_view text);

/// Appends RFC 3339 in UTC with milliseconds: 2026-01-31T23:59:59.999Z.
void append_time(std::string& out, std::chrono::system_clock::time_point time);

/// Appends milliseconds with three decimals: 1.234.
void append_milliseconds(std::string& out, std::chrono::microseconds duration);

} // namespace bearward::proxy
