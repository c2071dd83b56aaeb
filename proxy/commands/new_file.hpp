// Files that a command writes for the user: never over one that is there.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace bearward::proxy::commands {

/// Whatever has that name, a link that leads nowhere too.
[[nodiscard]] bool is_there(const std::string& path);

/// Makes the file; what has that name meanwhile stays, and half a file does not. Error: the reason.
[[nodiscard]] std::expected<void, std::string> write_new_file(const std::string& path, std::string_view text);

} // namespace bearward::proxy::commands
