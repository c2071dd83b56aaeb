// The bytes of a document before and after YAML: what may not stand in a file,
// and how text from a file is shown in a message. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::config {

struct forbidden_byte {
    int line = 0; ///< from 1
    int column = 0;
    std::string what;
};

/// The first byte that YAML 1.2 (section 5.1) doesn't allow: anything that isn't
/// UTF-8, and control characters. yaml-cpp takes 0x04 for the end of the file and
/// would silently drop what follows.
[[nodiscard]] std::optional<forbidden_byte> find_forbidden_byte(std::string_view text);

/// Text for a message: control characters as \xNN, cut after `limit` bytes.
[[nodiscard]] std::string escape_for_message(std::string_view text, std::size_t limit = 60);

/// The same in single quotes.
[[nodiscard]] std::string quote(std::string_view text);

} // namespace bearward::config
